"""The company register (公司登记机关): a share in a company, its pledge, and the capital behind it, by company and holder."""
