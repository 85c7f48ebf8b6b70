using System;
using System.Text;

namespace MocapBridge
{
    /// <summary>
    /// One connection, from the handshake to its end: hello, frames, `seen`, pings, answers. For
    /// one thread. Raises ProtocolException when it is over, RefusedException when for good.
    /// </summary>
    internal sealed class Conversation
    {
        const double Silence = 6; // [s] without a word after which a server is given up
        const double Moment = 0.01; // [s] to wait for news, and at most until a request is sent
        const double Micro = 1e-6; // [s] pings carry whole microseconds

        static readonly byte[] SeenBegin = Ascii.Of("{\"type\":\"seen\",\"seq\":");
        static readonly byte[] PingBegin = Ascii.Of("{\"type\":\"ping\",\"t\":");

        readonly WebSocket _socket;
        readonly FrameQueue _frames;
        readonly Requests _requests;
        readonly LatestBytes _status;
        readonly SessionClock _clock = new SessionClock();
        readonly int _session;
        readonly byte[] _out = new byte[64];
        readonly byte[] _pong = new byte[125];
        readonly double _begun;
        double _heard;
        int _pongCount = -1;
        uint? _unseen, _last;

        public Conversation(
            WebSocket socket, FrameQueue frames, Requests requests, LatestBytes status, int session)
        {
            _socket = socket;
            _frames = frames;
            _requests = requests;
            _status = status;
            _session = session;
            _begun = _heard = Clock.Now;
        }

        /// <summary>Who is on stage; null before the hello.</summary>
        public Cast Cast { get; private set; }

        public long Received { get; private set; }

        /// <summary>Numbers of frames that never came.</summary>
        public long Missed { get; private set; }

        /// <summary>[s] Age of the newest frame when it came; NaN while the clocks are not known.</summary>
        public double Latency { get; private set; } = double.NaN;

        /// <summary>What was wrong with the last frame; empty if it was good.</summary>
        public string Problem { get; private set; } = "";

        /// <summary>Reads what has come, waiting a moment for it, and says what is due.</summary>
        public void Step()
        {
            if (_socket.Read(Moment))
            {
                _heard = Clock.Now;
                while (_socket.TryTake(out var message))
                    Take(ref message);
            }
            Talk(Clock.Now);
        }

        void Take(ref WebSocketMessage message)
        {
            switch (message.Opcode)
            {
                case Opcode.Binary:
                    if (BinaryFrames.IsFrame(message.Data, message.Start, message.Count))
                        TakeFrame(ref message);
                    break;
                case Opcode.Text:
                    TakeText(ref message);
                    break;
                case Opcode.Ping: // the last one is enough
                    _pongCount = message.Count;
                    Buffer.BlockCopy(message.Data, message.Start, _pong, 0, message.Count);
                    break;
                case Opcode.Close:
                    throw Goodbye(message);
            }
        }

        void TakeText(ref WebSocketMessage message)
        {
            if (Is(ref message, Ascii.Frame))
                TakeFrame(ref message);
            else if (Is(ref message, Ascii.Status))
                _status.Set(message.Data, message.Start, message.Count);
            else if (Is(ref message, Ascii.Pong))
                TakePong(ref message);
            else
                TakeOther(JsonValue.Parse(message.Data, message.Start, message.Count));
        }

        void TakeOther(JsonValue message)
        {
            switch (message["type"].AsText())
            {
                case "hello":
                    Cast = HelloDecoder.Decode(message);
                    break;
                case "ack":
                    _requests.Answered(Answer.From(AnswerKind.Ack, message));
                    break;
                case "error":
                    _requests.Answered(Answer.From(AnswerKind.Error, message));
                    break;
                case "note":
                    _requests.Answered(Answer.From(AnswerKind.Note, message));
                    break;
            }
        }

        void TakeFrame(ref WebSocketMessage message)
        {
            if (Cast == null)
                throw new ProtocolException("frame: expected a hello before it");
            Received++;
            var binary = message.Opcode == Opcode.Binary;
            var frame = _frames.Rent();
            try
            {
                if (binary)
                    BinaryFrames.Decode(message.Data, message.Start, message.Count, Cast, frame);
                else
                    JsonFrames.Decode(message.Data, message.Start, message.Count, Cast, frame);
            }
            catch (ProtocolException error)
            {
                // also what nobody gets was read: the server waits for that word
                _unseen = binary
                    ? BinaryFrames.SeqOf(message.Data, message.Start, message.Count)
                    : JsonFrames.SeqOf(message.Data, message.Start, message.Count);
                _frames.Return(frame);
                Problem = $"a frame was left out: {error.Message}";
                return;
            }
            frame.Session = _session;
            frame.Arrival = Clock.Now;
            Latency = frame.Arrival + _clock.Offset - frame.Time;
            var step = frame.Seq - (_last ?? frame.Seq - 1); // modulo 2^32
            if (step - 1 < int.MaxValue)
                Missed += step - 1;
            _last = _unseen = frame.Seq;
            Problem = "";
            _frames.Publish(frame);
        }

        void TakePong(ref WebSocketMessage message)
        {
            var reader = new JsonReader(message.Data, message.Start, message.Count);
            double sent = double.NaN, clock = double.NaN;
            reader.BeginObject();
            while (reader.NextMember())
            {
                if (reader.KeyIs(Ascii.T))
                    sent = reader.Number();
                else if (reader.KeyIs(Ascii.Clock))
                    clock = reader.Number();
                else
                    reader.Skip();
            }
            _clock.Pong(sent * Micro, clock, Clock.Now);
        }

        void Talk(double now)
        {
            if (_pongCount >= 0)
                _socket.Send(Opcode.Pong, _pong, 0, _pongCount);
            _pongCount = -1;
            if (Cast == null)
            {
                if (now - _begun > WebSocket.Timeout)
                    throw new ProtocolException(
                        $"no hello within {WebSocket.Timeout:0} s; is that the port of `mocap live`?");
                return;
            }
            if (_unseen != null)
                Say(SeenBegin, _unseen.Value);
            _unseen = null;
            if (_clock.IsDue(now))
                Say(PingBegin, (long)(now / Micro));
            while (_requests.TryTakeUnsent(out var request))
                _socket.Send(Opcode.Text, request, 0, request.Length);
            _requests.GiveUpLate(now);
            if (now - _heard > Silence)
                throw new ProtocolException($"no word for {Silence:0} s; trying again");
        }

        void Say(byte[] begin, long number)
        {
            Buffer.BlockCopy(begin, 0, _out, 0, begin.Length);
            var at = Ascii.Write(_out, begin.Length, number);
            _out[at++] = (byte)'}';
            _socket.Send(Opcode.Text, _out, 0, at);
        }

        static bool Is(ref WebSocketMessage message, byte[] type) =>
            JsonFrames.IsType(message.Data, message.Start, message.Count, type);

        static ProtocolException Goodbye(WebSocketMessage message)
        {
            var code = message.Count >= 2
                ? message.Data[message.Start] << 8 | message.Data[message.Start + 1] : 1005;
            if (code == 1000 || code == 1001 || code == 1005)
                return new ProtocolException("the server ended; waiting for it to come back");
            var said = message.Count > 2
                ? Encoding.UTF8.GetString(message.Data, message.Start + 2, message.Count - 2)
                : $"code {code}";
            return new ProtocolException($"the server ended the connection: {Plain.Line(said, 200)}");
        }
    }
}
