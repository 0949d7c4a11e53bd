"""How numbers and results are said in a language."""
