"""The filter of system calls (seccomp) that a jail sets on itself: what a submission may not ask of the kernel.

Standalone: the standard library only. A list of what is denied, for x86-64 and aarch64. JAX may make threads, but
nothing may make a process or start a program. Landlock says which files may be opened; here is what it does not cover.
"""

import errno
import os
import struct

X86, ARM = "x86_64", "aarch64"
MACHINES = {X86: (0xC000003E, 0), ARM: (0xC00000B7, 1)}  # the kernel's name for it, our column
LANDLOCK = {"create": 444, "add": 445, "restrict": 446}  # the same numbers on both
PDEATHSIG, DUMPABLE, SECCOMP = 1, 4, 22  # options of prctl

# System calls that fail with "Operation not permitted": (number on x86-64, on aarch64); None where there is none.
DENIED = {
    # new processes and programs
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "personality": (135, 92), "unshare": (272, 97), "setns": (308, 268),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "move_pages": (279, 239),
    "migrate_pages": (256, 238), "setsid": (112, 157), "setpgid": (109, 154),
    # the network, and what outlives a process
    "socket": (41, 198), "socketpair": (53, 199), "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195),
    "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "mq_unlink": (241, 181), "semctl": (66, 191),
    "semop": (65, 193), "semtimedop": (220, 192), "msgctl": (71, 187), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "io_setup": (206, 0), "io_submit": (209, 2),
    # files: what Landlock does not cover
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "removexattrat": (466, 466), "file_setattr": (469, 469), "truncate": (76, 45),
    "link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36), "mknod": (133, None),
    "mknodat": (259, 33), "sync": (162, 81), "syncfs": (306, 267), "inotify_init": (253, None),
    "inotify_init1": (294, 26), "fanotify_init": (300, 262), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    # the machine
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "statmount": (457, 457), "listmount": (458, 458),
    "open_tree_attr": (467, 467), "bpf": (321, 280), "perf_event_open": (298, 241), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "userfaultfd": (323, 282), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116), "settimeofday": (164, 170),
    "adjtimex": (159, 171), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "sethostname": (170, 161),
    "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
    "vhangup": (153, 58), "lookup_dcookie": (212, 18), "uselib": (134, None),
    # rights
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setgroups": (116, 159), "setresuid": (117, 147), "setresgid": (119, 149), "setfsuid": (122, 151),
    "setfsgid": (123, 152), "capset": (126, 91), "seccomp": (317, 277),
}  # fmt: skip
# These answer "no such system call": the C library then takes the older one, whose arguments a filter can read.
UNKNOWN = {"clone3": (435, 435), "openat2": (437, 437)}


# The filter is a program of the kernel's little machine: (code, jump if true, jump if false, value).
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, NO_SUCH_CALL = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
O_TMPFILE, ACCESS_MODE = 0x400000, 3
CLONE_THREAD = 0x10000


def filter_program(machine: str, pid: int) -> list[tuple[int, int, int, int]]:
    """The filter as instructions (code, jump if true, jump if false, value) of the kernel's little machine."""
    kernel_name, column = MACHINES[machine]
    program = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, kernel_name), (RETURN, 0, 0, REFUSE), (LOAD, 0, 0, 0)]
    if machine == X86:
        program += [(AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, REFUSE)]  # the x32 twins of all calls
    for table, answer in ((DENIED, REFUSE), (UNKNOWN, NO_SUCH_CALL)):
        for numbers in table.values():
            if numbers[column] is not None:
                program += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, answer)]
    for numbers, argument, rule in by_argument(pid):
        if numbers[column] is not None:
            block = [(LOAD, 0, 0, 16 + 8 * argument), *rule]
            program += [(EQUAL, 0, len(block), numbers[column]), *block]
    return [*program, (RETURN, 0, 0, ALLOW)]


def by_argument(pid: int):
    """System calls of which some uses are allowed: (numbers, which argument, instructions that end in an answer)."""
    threads_only = [(ANY_BIT, 0, 1, CLONE_THREAD), (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    yield (56, 220), 0, threads_only  # clone
    own = only(pid)
    yield (62, 129), 0, own  # kill
    yield (234, 131), 0, own  # tgkill
    yield (302, 261), 0, only(0, pid)  # prlimit64
    yield (203, 122), 0, only(0, pid)  # sched_setaffinity
    yield (157, 167), 0, none_of(PDEATHSIG, DUMPABLE, SECCOMP)  # prctl
    yield (72, 25), 1, none_of(8, 10, 15, 1024, 1026)  # fcntl: whom to signal, with what; leases; watches
    yield (16, 29), 1, none_of(0x5412, 0x541C, 0x8901, 0x8902)  # ioctl: typing into a terminal; whom to signal
    truncating = [(ANY_BIT, 0, 1, O_TMPFILE), (RETURN, 0, 0, REFUSE), (ANY_BIT, 0, 2, os.O_TRUNC)]
    truncating += [(ANY_BIT, 1, 0, ACCESS_MODE), (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    yield (257, 56), 2, truncating  # openat: a file without a name; emptying a file that is opened for reading
    yield (2, None), 1, truncating  # open


def only(*values: int):
    return [i for v in values for i in ((EQUAL, 0, 1, v), (RETURN, 0, 0, ALLOW))] + [(RETURN, 0, 0, REFUSE)]


def none_of(*values: int):
    return [i for v in values for i in ((EQUAL, 0, 1, v), (RETURN, 0, 0, REFUSE))] + [(RETURN, 0, 0, ALLOW)]


def encoded(machine: str, pid: int) -> tuple[int, bytes]:
    """How many instructions, and their bytes as the kernel reads them."""
    program = filter_program(machine, pid)
    return len(program), b"".join(struct.pack("HBBI", *step) for step in program)
