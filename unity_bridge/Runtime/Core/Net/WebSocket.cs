using System;
using System.Net;
using System.Net.Sockets;

namespace MocapBridge
{
    /// <summary>
    /// One WebSocket to a server, for one thread. Once open it allocates nothing. Raises
    /// ProtocolException: the connection could not be made, or is lost.
    /// </summary>
    internal sealed class WebSocket : IDisposable
    {
        public const double Timeout = 5; // [s] to connect, and then to be greeted
        const string Lost = "the connection was lost; trying to come back";

        readonly WebSocketReader _reader = new WebSocketReader();
        readonly WebSocketWriter _writer = new WebSocketWriter();
        readonly Func<bool> _ended;
        Socket _socket;

        WebSocket(Func<bool> ended) => _ended = ended;

        /// <summary>
        /// Connects. Takes up to twice the timeout; <paramref name="ended"/> is asked now and then
        /// whether the wish is gone, which ends it with a ProtocolException.
        /// </summary>
        public static WebSocket Open(ServerAddress address, string subprotocol, Func<bool> ended)
        {
            var opened = new WebSocket(ended);
            try
            {
                opened.Connect(address);
                opened.Shake(new WebSocketHandshake(address, subprotocol));
                return opened;
            }
            catch
            {
                opened.Dispose();
                throw;
            }
        }

        /// <summary>Reads what has come; waits up to [s] <paramref name="patience"/> for it.</summary>
        /// <returns>False if nothing came.</returns>
        public bool Read(double patience)
        {
            if (!_socket.Poll((int)(patience * 1e6), SelectMode.SelectRead))
                return false;
            var data = _reader.Space(out var at, out var room);
            var count = _socket.Receive(data, at, room, SocketFlags.None, out var error);
            if (error != SocketError.Success || count <= 0)
                throw new ProtocolException(Lost);
            _reader.Came(count);
            return true;
        }

        /// <summary>The next message of what was read; it is valid until the next read.</summary>
        public bool TryTake(out WebSocketMessage message) => _reader.TryTake(out message);

        public void Send(Opcode opcode, byte[] payload, int start, int count) =>
            SendAll(_writer.Data, _writer.Write(opcode, payload, start, count));

        /// <summary>Says goodbye, if the socket still takes it, and closes it.</summary>
        public void Close()
        {
            try
            {
                var goodbye = new byte[] { 1000 >> 8, 1000 & 0xff };
                _socket.SendTimeout = 100;
                Send(Opcode.Close, goodbye, 0, goodbye.Length);
            }
            catch (ProtocolException)
            {
                // it is gone already
            }
        }

        public void Dispose()
        {
            if (_socket != null)
                _socket.Close();
        }

        void Connect(ServerAddress address)
        {
            try
            {
                var addresses = address.Resolve();
                for (var i = 0; i < addresses.Length; i++)
                    if (TryConnect(new IPEndPoint(addresses[i], address.Port), i == addresses.Length - 1))
                        return;
                throw new ProtocolException($"{address}: there is no such computer");
            }
            catch (SocketException error)
            {
                throw new ProtocolException(
                    error.SocketErrorCode == SocketError.HostNotFound
                    || error.SocketErrorCode == SocketError.NoData
                    || error.SocketErrorCode == SocketError.TryAgain
                        ? $"{address}: there is no such computer"
                        : $"{address}: nobody listens there ({Plain.Line(error.Message, 80)}); start "
                        + "`mocap live`, or give the address that it printed");
            }
        }

        bool TryConnect(IPEndPoint place, bool last)
        {
            _socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            {
                NoDelay = true,
                SendTimeout = (int)(1000 * Timeout),
            };
            var trying = _socket.BeginConnect(place, null, null);
            var end = Clock.Now + Timeout;
            while (!trying.AsyncWaitHandle.WaitOne(50))
            {
                if (_ended() || Clock.Now > end)
                {
                    _socket.Close();
                    throw new ProtocolException(
                        $"no answer within {Timeout:0} s; is the computer on, `mocap live` started "
                        + "there with --host, and its firewall open?");
                }
            }
            try
            {
                _socket.EndConnect(trying);
                return true;
            }
            catch (SocketException)
            {
                _socket.Close();
                if (last)
                    throw;
                return false;
            }
        }

        void Shake(WebSocketHandshake handshake)
        {
            var request = handshake.Request();
            SendAll(request, request.Length);
            var end = Clock.Now + Timeout;
            while (true)
            {
                var whole = false;
                try
                {
                    Read(0.05);
                }
                catch (ProtocolException)
                {
                    whole = true;
                }
                var data = _reader.Unread(out var start, out var count);
                if (count > 0 || whole)
                {
                    var size = handshake.Accept(data, start, count, whole);
                    _reader.Skip(size);
                    if (size > 0)
                        return;
                }
                if (_ended() || Clock.Now > end)
                    throw new ProtocolException(
                        $"no answer within {Timeout:0} s; is that the port of `mocap live`?");
            }
        }

        void SendAll(byte[] data, int count)
        {
            for (var at = 0; at < count;)
            {
                var sent = _socket.Send(data, at, count - at, SocketFlags.None, out var error);
                if (error != SocketError.Success || sent <= 0)
                    throw new ProtocolException(Lost);
                at += sent;
            }
        }
    }
}
