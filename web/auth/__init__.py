"""Who somebody is and which parts he may play: accounts, roles, sign-in sessions.

One natural person has one account (实名，一人一户). An officer's role (办案岗位) takes two administrators (系统管理员), and
no administrator holds one. Sessions live in PostgreSQL, hashed, and can be ended at once; their time is real time.

Words: account (账户), username (用户名), role grant (授予岗位), proposal (提议), confirmation (确认), sign-in session
(登录会话), idle limit (闲置时限), absolute limit (最长时限), throttle (限速), device mark (设备标记).
"""
