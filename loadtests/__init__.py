"""Load tests of the bid core: against servers of their own on this machine, never against anything else."""
