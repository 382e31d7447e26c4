"""`python -m vanban_training` is `train`, so that `accelerate launch -m vanban_training` works."""

from vanban_training.cli import main

if __name__ == "__main__":
    main()
