"""Load tests of the bid core, for those who test it: ``python -m loadtests SCENARIO``; see README.md."""
