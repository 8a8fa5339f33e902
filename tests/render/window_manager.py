"""What a window manager does to a window, where there is none: by Xlib itself."""

import contextlib
import ctypes

CLIENT_MESSAGE, REPLACE, NORMAL_STATE, ICONIC_STATE = 33, 0, 1, 3


class ClientMessage(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                ("display", ctypes.c_void_p), ("window", ctypes.c_ulong),
                ("message_type", ctypes.c_ulong), ("format", ctypes.c_int),
                ("data", ctypes.c_long * 5), ("rest_of_xevent", ctypes.c_long * 16)]


@contextlib.contextmanager
def connection(display):
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    server = ctypes.c_void_p(x11.XOpenDisplay(display.encode()))
    yield x11, server, lambda name: x11.XInternAtom(server, name.encode(), 0)
    x11.XSync(server, 0)
    x11.XCloseDisplay(server)


def ask_to_close(display, window):
    """As when its close button is pressed."""
    with connection(display) as (x11, server, atom):
        message = ClientMessage(type=CLIENT_MESSAGE, window=window, format=32,
                                message_type=atom("WM_PROTOCOLS"))
        message.data[0] = atom("WM_DELETE_WINDOW")
        x11.XSendEvent(server, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))


def minimise(display, window, away=True):
    """Tells the window that it is an icon now, or a window again."""
    with connection(display) as (x11, server, atom):
        state = ctypes.c_ulong(atom("WM_STATE"))
        data = (ctypes.c_long * 2)(ICONIC_STATE if away else NORMAL_STATE, 0)
        x11.XChangeProperty(server, ctypes.c_ulong(window), state, state, 32, REPLACE, data, 2)
