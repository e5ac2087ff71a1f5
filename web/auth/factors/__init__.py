"""The second factor of sign-in: codes of an authenticator, recovery codes, and sign-ins that wait for one.

Words: second factor (第二重验证), authenticator (身份验证器), code (动态验证码), recovery code (恢复码), half a sign-in (待验证的登录).
"""
