"""DIRECTIVE: the symbol of an act in its pieces, who issued it and when, how it is cited, and one id for all its forms.
What one mention leaves out, others in the document say."""
