"""The scenarios, one module each: a module says what it does (`ABOUT`), whether it needs a gateway, and runs."""
