"""The HTTP API: every use case as one POST, with exact types, for accounts with the right role.

Words: command (操作), command id (操作编号), bearer token (令牌), problem document (问题说明).
"""
