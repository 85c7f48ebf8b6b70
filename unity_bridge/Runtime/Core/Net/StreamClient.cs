using System;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace MocapBridge
{
    /// <summary>How frames are asked for.</summary>
    public enum FrameEncoding
    {
        /// <summary>The usual: 376 bytes for each person of 22 bones.</summary>
        Binary,

        /// <summary>About 1 KB for each person; readable in a network log.</summary>
        Json,
    }

    /// <summary>
    /// A client of `mocap live`, in a thread of its own: connects, receives, comes back by itself
    /// after an interruption, and asks for what it is told to. Nothing of it ever waits for the
    /// network but that thread, and nothing raises for what a server does: <see cref="State"/> and
    /// <see cref="Problem"/> say it.
    /// </summary>
    public sealed class StreamClient : IMotionSource
    {
        const int Waiting = 8; // frames; a server has three on their way
        const double FirstPause = 0.25, LongestPause = 2; // [s] before the next try

        readonly ServerAddress _address;
        readonly string _subprotocol;
        readonly FrameQueue _frames = new FrameQueue(Waiting);
        readonly Requests _requests = new Requests();
        readonly LatestBytes _statusBytes = new LatestBytes();
        readonly ManualResetEvent _over = new ManualResetEvent(false);
        readonly object _guard = new object();
        volatile SourceState _state;
        volatile string _problem = "";
        volatile Cast _cast;
        volatile Conversation _conversation;
        volatile bool _ended;
        ServerStatus _status;
        Thread _thread;
        long _received, _missed; // of the conversations before
        int _session;
        double _latency = double.NaN; // of the conversation before
        double _pause = FirstPause;

        public StreamClient(ServerAddress address, FrameEncoding encoding = FrameEncoding.Binary)
        {
            _address = address;
            _subprotocol = encoding == FrameEncoding.Binary ? "mocap.v1.bin" : "mocap.v1.json";
        }

        public SourceState State => _state;

        public string Problem => _problem;

        public Cast Cast => _cast;

        public long FramesReceived
        {
            get
            {
                lock (_guard)
                    return _received + (_conversation?.Received ?? 0);
            }
        }

        public long FramesDropped
        {
            get
            {
                lock (_guard)
                    return _missed + (_conversation?.Missed ?? 0) + _frames.GivenUp;
            }
        }

        /// <summary>
        /// [s] Age of the newest frame when it came: from the picture to here. NaN before it is known.
        /// </summary>
        public double Latency
        {
            get
            {
                lock (_guard)
                    return _conversation?.Latency ?? _latency;
            }
        }

        /// <summary>How the session is doing, the newest; null before the first.</summary>
        public ServerStatus Status
        {
            get
            {
                if (_statusBytes.TryTake(out var content))
                    _status = new ServerStatus(content);
                return _status;
            }
        }

        public void Start()
        {
            if (_thread != null || _ended)
                throw new InvalidOperationException("a client is started once; make a new one");
#if UNITY_WEBGL && !UNITY_EDITOR
            _problem = "a program in a web page has no sockets: build for another platform";
            _state = SourceState.Refused;
#else
            _state = SourceState.Connecting;
            _thread = new Thread(Run) { IsBackground = true, Name = $"Mocap {_address}" };
            _thread.Start();
#endif
        }

        public bool TryTake(ref MotionFrame frame) => _frames.TryTake(ref frame);

        /// <summary>
        /// Asks for a recording. This and the following return the number of the request.
        /// </summary>
        /// <param name="name">Up to 100 characters; made of date and time if empty.</param>
        /// <param name="note">Up to 2000 characters.</param>
        public int Record(string name = "", string note = "")
        {
            var message = Message("record");
            message.Append(",\"name\":").AppendText(name ?? "");
            message.Append(",\"note\":").AppendText(note ?? "");
            return Ask("record", message);
        }

        /// <summary>Ends the recording.</summary>
        public int Stop() => Ask("stop", Message("stop"));

        /// <summary>Has people measured who stand in a T-pose after the delay.</summary>
        /// <param name="height">[m] of the people, if they know it.</param>
        /// <param name="delay">[s] 0 to 30.</param>
        public int Calibrate(double? height = null, double delay = 3)
        {
            var message = Message("calibrate").Append(",\"delay\":").AppendNumber(delay);
            if (height != null)
                message.Append(",\"height\":").AppendNumber(height.Value);
            return Ask("calibrate", message);
        }

        /// <summary>Changes "smoothing".</summary>
        public int SetOption(string option, bool value) =>
            Ask("set", Option(option).Append(value ? "true" : "false"));

        /// <summary>Changes "look_ahead", "people" or "height" [m].</summary>
        public int SetOption(string option, double value) =>
            Ask("set", Option(option).AppendNumber(value));

        /// <summary>Changes "filter"; or "height" to null, which means that nobody knows.</summary>
        public int SetOption(string option, string value) =>
            Ask("set", value == null ? Option(option).Append("null") : Option(option).AppendText(value));

        /// <summary>
        /// The next ack, error or note. Every request is answered, with an error if the server is
        /// gone.
        /// </summary>
        public bool TryTakeAnswer(out Answer answer) => _requests.TryTakeAnswer(out answer);

        /// <summary>Ends the connection for good; takes a moment at most.</summary>
        public void Dispose()
        {
            _ended = true;
            _over.Set();
            if (_thread != null && _thread != Thread.CurrentThread)
                _thread.Join(300);
            if (_state != SourceState.Refused)
                _state = SourceState.Closed;
        }

        static StringBuilder Message(string type) =>
            new StringBuilder("{\"type\":").AppendText(type);

        static StringBuilder Option(string name) =>
            Message("set").Append(",\"option\":").AppendText(name).Append(",\"value\":");

        int Ask(string of, StringBuilder message) => _requests.Ask(of, message, Clock.Now);

        void Run()
        {
            while (!_ended)
            {
                try
                {
                    Converse();
                }
                catch (RefusedException error)
                {
                    Over(SourceState.Refused, error.Message);
                    return;
                }
                catch (ProtocolException error)
                {
                    Over(SourceState.Waiting, error.Message);
                }
                catch (SocketException error) // as when a phone has slept
                {
                    Over(SourceState.Waiting, error.Message);
                }
                catch (Exception error) // a fault of ours must not end the host
                {
                    Over(SourceState.Refused, $"unexpected: {Plain.Line(error.ToString())}");
                    return;
                }
                _over.WaitOne((int)(1000 * _pause));
                _pause = Math.Min(2 * _pause, LongestPause);
            }
        }

        void Converse()
        {
            _session++;
            using (var socket = WebSocket.Open(_address, _subprotocol, () => _ended))
            {
                var conversation = new Conversation(socket, _frames, _requests, _statusBytes, _session);
                _conversation = conversation;
                while (!_ended)
                {
                    conversation.Step();
                    _cast = conversation.Cast ?? _cast;
                    _problem = conversation.Problem;
                    if (conversation.Cast != null && _state != SourceState.Connected)
                    {
                        _pause = FirstPause;
                        _requests.Connected();
                        _state = SourceState.Connected;
                    }
                }
                socket.Close();
            }
            Over(SourceState.Closed, "");
        }

        void Over(SourceState state, string problem)
        {
            _requests.Disconnected();
            lock (_guard)
            {
                _received += _conversation?.Received ?? 0;
                _missed += _conversation?.Missed ?? 0;
                _latency = _conversation?.Latency ?? _latency;
                _conversation = null;
            }
            _problem = _ended ? "" : Plain.Line(problem);
            _state = _ended ? SourceState.Closed : state;
        }
    }
}
