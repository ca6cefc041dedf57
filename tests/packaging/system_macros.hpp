// Some systems define as macros the names that others define as functions: then a name with :: before it does not compile. Includes the
// header's dependencies, then defines such macros, each in the form of a system that has it.
#pragma once

#include <asio.hpp>
#include <nlohmann/json.hpp>

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

// macOS, signal.h
#undef sigaddset
#undef sigdelset
#undef sigemptyset
#undef sigfillset
#undef sigismember
#define sigaddset(set, number) (*reinterpret_cast<unsigned*>(set) |= 1U << (number), 0)
#define sigdelset(set, number) (*reinterpret_cast<unsigned*>(set) &= ~(1U << (number)), 0)
#define sigismember(set, number) ((*reinterpret_cast<const unsigned*>(set) & (1U << (number))) != 0)
#define sigemptyset(set) (*reinterpret_cast<unsigned*>(set) = 0, 0)
#define sigfillset(set) (*reinterpret_cast<unsigned*>(set) = ~0U, 0)

// macOS and the BSDs, arpa/inet.h
#undef htonl
#undef htons
#undef ntohl
#undef ntohs
#define htonl(number) (__builtin_bswap32(number))
#define htons(number) (__builtin_bswap16(number))
#define ntohl(number) (__builtin_bswap32(number))
#define ntohs(number) (__builtin_bswap16(number))

// Large files, by another name; devices, sys/sysmacros.h
#undef fstat64
#undef lseek64
#undef major
#undef makedev
#undef minor
#undef open64
#undef stat64
#define fstat64(file, to) (fstat((file), (to)))
#define lseek64(file, offset, whence) (lseek((file), (offset), (whence)))
#define open64(...) (open(__VA_ARGS__))
#define stat64(path, to) (stat((path), (to)))
#define major(device) (static_cast<int>((device) >> 24))
#define minor(device) (static_cast<int>((device)&0xffffff))
#define makedev(first, second) (((first) << 24) | (second))

// Old stdio.h and ctype.h, which read a buffer or a table in place; others in the form of old kernels
#undef bzero
#undef getc
#undef getchar
#undef getpagesize
#undef isascii
#undef putc
#undef putchar
#undef sigmask
#undef toascii
#define bzero(to, size) (memset((to), 0, (size)))
#define getc(file) ((file) != nullptr ? 0 : -1)
#define getchar() (getc(stdin))
#define getpagesize() (4096)
#define isascii(character) (((character) & ~0x7f) == 0)
#define putc(character, file) ((file) != nullptr ? (character) : -1)
#define putchar(character) (putc((character), stdout))
#define sigmask(number) (1 << ((number)-1))
#define toascii(character) ((character)&0x7f)

// macOS has neither flag: the code for it is compiled, too.
#undef SOCK_CLOEXEC
#define SO_NOSIGPIPE 0x1022
