"""vanban inside of others' pipelines: a component of spaCy, a recogniser of Presidio, a function for `datasets.map`.
Each file needs its package, and is imported by who has it; nothing here is imported by vanban itself."""
