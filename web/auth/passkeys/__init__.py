"""Passkeys (通行密钥, WebAuthn): a key pair on its owner's device, unlocked by him there; the site knows the public half.

Words: ceremony (认证过程), challenge (挑战), sign counter (签名计数), relying party (依赖方).
"""
