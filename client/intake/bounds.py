"""How much memory the reading child may take, on each system. Knows no spreadsheet.

Linux bounds the address space of a process, Windows the memory of a job. macOS enforces neither:
there whoever started the child looks at it from outside and kills it.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

if sys.platform != "win32":
    import resource

MEMORY_MB: Final = 1536

_MB: Final = 1 << 20
_JOB_LIMITS: Final = 9
_PROCESS_MEMORY: Final = 0x0100
_DIE_QUIETLY: Final = 0x0400
_KILL_ON_CLOSE: Final = 0x2000
_TASK_INFO: Final = 4


class JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h."""

    _fields_ = (
        ("process_time", ctypes.c_int64), ("job_time", ctypes.c_int64), ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t), ("most_working_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32), ("affinity", ctypes.c_size_t), ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32), ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t), ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t), ("peak_job_memory", ctypes.c_size_t),
    )  # fmt: skip


class TaskInfo(ctypes.Structure):
    """proc_taskinfo of macOS, sys/proc_info.h."""

    _fields_ = (
        ("virtual", ctypes.c_uint64), ("resident", ctypes.c_uint64), ("times", ctypes.c_uint64 * 4),
        ("counters", ctypes.c_int32 * 12),
    )  # fmt: skip


def job_limits() -> JobLimits:
    """Return what a Windows job of the child is allowed."""
    limits = JobLimits()
    limits.flags = _PROCESS_MEMORY | _DIE_QUIETLY | _KILL_ON_CLOSE
    limits.process_memory = MEMORY_MB * _MB
    return limits


def bound_self() -> None:
    """Bound the memory of this process, where the system can; called in the child."""
    if sys.platform == "win32":
        _join_job()
    elif sys.platform != "darwin":
        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        bound = MEMORY_MB * _MB
        resource.setrlimit(resource.RLIMIT_AS, (bound if hard < 0 else min(bound, hard), hard))


def is_over(process_id: int | None) -> bool:
    """Whether a child has taken more than it may: asked from outside, where it cannot be bounded."""
    if sys.platform == "darwin" and process_id is not None:
        return _resident(process_id) > MEMORY_MB * _MB
    return False


if sys.platform == "win32":

    def _join_job() -> None:
        """Put this process into a job of its own; its handle stays open as long as the process lives."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = ctypes.c_void_p
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetInformationJobObject.argtypes = (
            ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32,
        )  # fmt: skip
        kernel.AssignProcessToJobObject.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        job = kernel.CreateJobObjectW(None, None)
        limits = job_limits()
        if (
            not job
            or not kernel.SetInformationJobObject(
                job, _JOB_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
            )
            or not kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
        ):
            raise ctypes.WinError(ctypes.get_last_error())


if sys.platform == "darwin":

    def _resident(process_id: int) -> int:
        """Return the bytes that a process of ours holds; 0 when it is gone."""
        library = ctypes.CDLL("/usr/lib/libproc.dylib")
        found = TaskInfo()
        size = ctypes.sizeof(found)
        if (
            library.proc_pidinfo(process_id, _TASK_INFO, ctypes.c_uint64(0), ctypes.byref(found), size)
            != size
        ):
            return 0
        return int(found.resident)
