"""The vehicle register (机动车登记机关): owner, burdens, registration, violations and emission standard, by number plate."""
