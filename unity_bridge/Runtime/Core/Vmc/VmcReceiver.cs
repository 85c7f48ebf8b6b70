using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace MocapBridge
{
    /// <summary>
    /// Receives one person by VMC over UDP, from `mocap live --vmc` or whoever speaks it, in a
    /// thread of its own. The person has number 0.
    /// </summary>
    public sealed class VmcReceiver : IMotionSource
    {
        /// <summary>On which receivers listen unless told otherwise.</summary>
        public const int DefaultPort = 39539;

        const int Waiting = 8; // frames
        const double Silence = 2; // [s] after which a sender seems to be gone
        const int Moment = 20 * 1000; // [us] to wait for a datagram
        const int Pause = 500; // [ms] before a lost socket is bound again

        readonly FrameQueue _frames = new FrameQueue(Waiting);
        readonly VmcStream _stream;
        volatile SourceState _state;
        volatile string _problem = "";
        volatile Cast _cast;
        volatile bool _ended;
        volatile Socket _socket;
        long _received;
        Thread _thread;

        public VmcReceiver(int port = DefaultPort)
        {
            if (port < 0 || port > 65535)
                throw new ArgumentOutOfRangeException(nameof(port), port, "expected 0 to 65535");
            Port = port;
            _stream = new VmcStream(_frames);
        }

        /// <summary>Where it listens; 0 before the start means any that is free.</summary>
        public int Port { get; private set; }

        public SourceState State => _state;

        public string Problem => _problem;

        public Cast Cast => _cast;

        public long FramesReceived => Interlocked.Read(ref _received);

        public long FramesDropped => _frames.GivenUp;

        public void Start()
        {
            if (_thread != null || _ended)
                throw new InvalidOperationException("a receiver is started once; make a new one");
#if UNITY_WEBGL && !UNITY_EDITOR
            _problem = "a program in a web page has no sockets: build for another platform";
            _state = SourceState.Refused;
#else
            try
            {
                _socket = Bound();
            }
            catch (SocketException error)
            {
                _problem = $"port {Port} cannot be had ({Plain.Line(error.Message, 80)}); another "
                    + "program may be listening there: close it, or choose another port";
                _state = SourceState.Refused;
                return;
            }
            Port = ((IPEndPoint)_socket.LocalEndPoint).Port;
            _state = SourceState.Connecting;
            _thread = new Thread(Run) { IsBackground = true, Name = $"Mocap VMC {Port}" };
            _thread.Start();
#endif
        }

        public bool TryTake(ref MotionFrame frame) => _frames.TryTake(ref frame);

        /// <summary>The newest value of a blend shape, by the name that the sender gives it.</summary>
        public bool TryGetBlend(string name, out float value) => _stream.TryGetBlend(name, out value);

        /// <summary>Ends it for good; takes a moment at most.</summary>
        public void Dispose()
        {
            _ended = true;
            if (_thread != null && _thread != Thread.CurrentThread)
                _thread.Join(300);
            if (_state != SourceState.Refused)
                _state = SourceState.Closed;
        }

        Socket Bound()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            }
            catch (SocketException)
            {
                socket.Close();
                throw;
            }
            return socket;
        }

        void Run()
        {
            while (!_ended)
            {
                try
                {
                    using (_socket = _socket ?? Bound())
                        Listen(_socket);
                }
                catch (Exception error) when (error is SocketException || error is ObjectDisposedException)
                {
                    // a phone that slept, or a network that went away, takes the socket with it
                    _problem = $"port {Port} was lost ({Plain.Line(error.Message, 80)}); trying again";
                    _state = SourceState.Waiting;
                    _socket = null;
                    for (var waited = 0; waited < Pause && !_ended; waited += 20)
                        Thread.Sleep(20);
                }
                catch (Exception error) // a fault of ours must not end the host
                {
                    _problem = $"unexpected: {Plain.Line(error.ToString())}";
                    _state = SourceState.Refused;
                    return;
                }
            }
        }

        void Listen(Socket socket)
        {
            var data = new byte[65536];
            var heard = double.NegativeInfinity;
            long good = 0;
            while (!_ended)
            {
                if (socket.Poll(Moment, SelectMode.SelectRead))
                {
                    // an error is the echo of something sent, which we do not do: no matter
                    var count = socket.Receive(data, 0, data.Length, SocketFlags.None, out var error);
                    if (error == SocketError.Success && count > 0)
                        _stream.Take(data, count, Clock.Now);
                }
                if (_stream.Good > good)
                    heard = Clock.Now;
                good = _stream.Good;
                _cast = _stream.Cast;
                Interlocked.Exchange(ref _received, _stream.Frames);
                Tell(Clock.Now - heard);
            }
        }

        void Tell(double silence)
        {
            if (silence < Silence)
            {
                _problem = "";
                _state = SourceState.Connected;
            }
            else if (_stream.Good > 0)
            {
                _problem = $"nothing comes any more on port {Port}";
                _state = SourceState.Waiting;
            }
            else if (_stream.Bad > 0)
            {
                _problem = $"what comes on port {Port} is no VMC";
            }
        }
    }
}
