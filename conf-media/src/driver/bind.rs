//! Which sockets a media address becomes: one UDP port, and the same of TCP.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Asked of the kernel for each direction; it may give less. 4 MB hold a third of a second of
/// 100 Mbit/s.
const SOCKET_BUFFER: usize = 4 << 20;
/// Connections the kernel may hold for us until they are accepted.
const BACKLOG: i32 = 256;
/// Free UDP ports that are tried until one is free for TCP as well.
const TRIES: usize = 16;

/// Binds `listen` for UDP, and with `tcp` the same port for TCP. Port 0 takes one that is free.
pub(super) fn bind(listen: SocketAddr, tcp: bool) -> io::Result<(UdpSocket, Option<TcpListener>)> {
    match bind_as_it_is(listen, tcp) {
        Err(error) if listen.is_ipv6() && listen.ip().is_unspecified() && lacks_ipv6(&error) => {
            tracing::info!("this machine has no IPv6, media listens on IPv4 only");
            bind_as_it_is((Ipv4Addr::UNSPECIFIED, listen.port()).into(), tcp)
        }
        bound => bound,
    }
}

/// Binds further sockets to the port of the first, until there are `count`: the kernel then
/// chooses one by the sender's address.
///
/// The first was bound for itself, so that a port another process has is an error; whoever is to
/// share it must be of the same user, and say so as well.
pub(super) fn join(sockets: &mut Vec<UdpSocket>, count: usize) -> io::Result<()> {
    let Some(local) = sockets.first().filter(|_| count > 1) else { return Ok(()) };
    let local = local.local_addr()?;
    for socket in &*sockets {
        SockRef::from(socket).set_reuse_port(true)?;
    }
    while sockets.len() < count {
        sockets.push(datagrams(local, Sharing::WithOurs)?);
    }
    Ok(())
}

/// Who else may be bound to the same port. A closed set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Nobody,
    WithOurs,
}

fn bind_as_it_is(listen: SocketAddr, tcp: bool) -> io::Result<(UdpSocket, Option<TcpListener>)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let udp = datagrams(listen, Sharing::Nobody)?;
        if !tcp {
            return Ok((udp, None));
        }
        match stream(udp.local_addr()?) {
            Ok(listener) => return Ok((udp, Some(listener))),
            Err(error)
                if listen.port() == 0
                    && error.kind() == io::ErrorKind::AddrInUse
                    && tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

fn datagrams(listen: SocketAddr, sharing: Sharing) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(listen), Type::DGRAM, Some(Protocol::UDP))?;
    both_families(&socket, listen)?;
    // As much as the system's limits allow; what that is shows in the counters of lost datagrams.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    socket.set_nonblocking(true)?;
    if sharing == Sharing::WithOurs {
        socket.set_reuse_port(true)?;
    }
    socket.bind(&listen.into())?;
    Ok(socket.into())
}

fn stream(listen: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(listen), Type::STREAM, Some(Protocol::TCP))?;
    both_families(&socket, listen)?;
    // A server that is started again finds its old connections still fading away.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&listen.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn both_families(socket: &Socket, listen: SocketAddr) -> io::Result<()> {
    if listen.is_ipv6() {
        socket.set_only_v6(!listen.ip().is_unspecified())?;
    }
    Ok(())
}

fn lacks_ipv6(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_have_one_port() {
        let (udp, tcp) = bind("127.0.0.1:0".parse().unwrap(), true).unwrap();
        assert_eq!(udp.local_addr().unwrap(), tcp.unwrap().local_addr().unwrap());
        assert!(bind("127.0.0.1:0".parse().unwrap(), false).unwrap().1.is_none());
    }

    #[test]
    fn further_sockets_share_the_port_and_strangers_do_not() {
        let (first, _) = bind("127.0.0.1:0".parse().unwrap(), false).unwrap();
        let local = first.local_addr().unwrap();
        let mut sockets = vec![first];
        join(&mut sockets, 3).unwrap();
        assert!(sockets.iter().all(|socket| socket.local_addr().unwrap() == local));
        assert_eq!(sockets.len(), 3);
        assert_eq!(bind(local, false).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn a_port_whose_tcp_is_taken_is_an_error() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = bind(taken.local_addr().unwrap(), true).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
