"""COUNT: numerals in digits and in words, ranges and ratios, what is counted, and what the words before say of it.
No table but that of nouns: a number is read by grammar alone."""
