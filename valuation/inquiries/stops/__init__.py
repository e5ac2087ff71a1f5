"""Stay (暂缓) and withdrawal (撤回) of an inquiry."""
