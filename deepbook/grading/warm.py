"""The warm parent of jails: it has imported JAX, and each keeper and its jail is a fork of it, which saves time.

Standalone: the standard library only, and JAX. It never meets foreign code. A fork closes every door just as a new
process does (confine.py), and enters namespaces that bubblewrap has made. It is safe only while this process has one
thread and no JAX backend. Each message on the socket, of the descriptors for keeper.py, is a jail; at its end, we end.
"""

import functools
import gc
import json
import os
import signal
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    control, modules = socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2])
    sys.path.insert(0, HERE)
    import confine
    import keeper
    import syscalls  # noqa: F401

    sys.path.remove(HERE)
    confine.find({}, modules)
    trace_once()
    if not safe_to_fork():
        sys.exit("JAX starts threads when it is imported: no warm start here")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    gc.collect()
    gc.freeze()  # the children share these pages
    gc.set_threshold(100_000, 50, 100)  # JAX makes many small objects: looking at them took a tenth of the time
    while True:
        text, fds, _, _ = socket.recv_fds(control, 64, len(keeper.FDS) + 1)
        if not text:
            return
        if os.fork() == 0:
            control.close()
            try:
                child(keeper, confine, fds)
            finally:
                os._exit(1)
        for fd in fds:
            os.close(fd)


def child(keeper, confine, fds):
    """One keeper; the jail is its child."""
    output = fds.pop()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    keeper.keep(dict(zip(keeper.FDS, fds, strict=True)), confine.enter)
    os._exit(0)


def trace_once():
    """Import what every jail needs and let JAX build its tables, without starting a backend."""
    import cloudpickle  # noqa: F401
    import jax
    import jax.export
    import jax.numpy as jnp

    share_context()
    x = jax.ShapeDtypeStruct((4,), jnp.float32)
    jax.make_jaxpr(jax.grad(lambda x: jnp.sum(jnp.tanh(x) @ x)))(x)


def share_context():
    """One MLIR context for all programs of a process: JAX makes one for each, of 3 ms and 1 MB, and keeps them all."""
    from jax._src.interpreters import mlir  # there is no public way

    if hasattr(mlir, "make_ir_context"):
        mlir.make_ir_context = functools.cache(mlir.make_ir_context)


def safe_to_fork() -> bool:
    """Whether this process has one thread, and no JAX backend."""
    from jax._src import xla_bridge  # there is no public way to ask without starting one

    return len(os.listdir("/proc/self/task")) == 1 and not xla_bridge._backends


if __name__ == "__main__":
    main()
