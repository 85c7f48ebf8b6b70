using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Events;

namespace MocapBridge
{
    /// <summary>How motion comes.</summary>
    public enum MocapProtocol
    {
        [Tooltip("From `mocap live` itself: several people, recording, calibration.")]
        WebSocket,

        [Tooltip("One person from any program that sends VMC, `mocap live --vmc` among them.")]
        Vmc,
    }

    /// <summary>An event about a person, with their number.</summary>
    [Serializable]
    public sealed class PersonEvent : UnityEvent<int>
    {
    }

    /// <summary>
    /// The connection to `mocap live`, and who is seen there. One is enough for all characters.
    /// </summary>
    [AddComponentMenu("Mocap Bridge/Mocap Receiver")]
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(-100)]
    public sealed class MocapReceiver : MonoBehaviour
    {
        const double Silence = 0.5; // [s] without a connection before nobody counts as seen

        [Tooltip("How motion comes.")]
        [SerializeField] MocapProtocol protocol = MocapProtocol.WebSocket;

        [Tooltip("Where `mocap live` runs: a computer, and a port unless it is 8765. As it prints it: ws://192.168.1.20:8765/?token=...")]
        [SerializeField] string address = "127.0.0.1:8765";

        [Tooltip("The token that `mocap live --host` prints; empty on this computer. It is saved with the scene.")]
        [SerializeField] string token = "";

        [Tooltip("Bytes are a third of the size of JSON; JSON can be read in a network monitor.")]
        [SerializeField] FrameEncoding encoding = FrameEncoding.Binary;

        [Tooltip("The port on which VMC comes.")]
        [SerializeField] int vmcPort = VmcReceiver.DefaultPort;

        [Tooltip("Connect as soon as the scene plays.")]
        [SerializeField] bool connectOnEnable = true;

        [Tooltip("Poses between frames, evenly, 0.03 to 0.12 s late. Off: the newest pose at once, as it comes.")]
        [SerializeField] bool smooth = true;

        [Tooltip("Go on while another window is in front. Without it everything stands still then.")]
        [SerializeField] bool runInBackground = true;

        [SerializeField] UnityEvent onConnected = new UnityEvent();
        [SerializeField] UnityEvent onDisconnected = new UnityEvent();
        [SerializeField] PersonEvent onPersonAppeared = new PersonEvent();
        [SerializeField] PersonEvent onPersonLeft = new PersonEvent();

        static readonly List<MocapReceiver> Running = new List<MocapReceiver>();

        readonly JitterBuffer _buffer = new JitterBuffer();
        readonly List<int> _people = new List<int>();
        readonly List<int> _before = new List<int>();
        readonly Dictionary<int, object> _claims = new Dictionary<int, object>();
        IMotionSource _source;
        MotionFrame _frame;
        string _refused = "";
        bool _connected;
        double _lastConnected = double.NegativeInfinity;

        /// <summary>The connection stands.</summary>
        public event Action Connected;

        /// <summary>The connection is gone; it comes back by itself, unless it was closed here.</summary>
        public event Action Disconnected;

        /// <summary>Somebody came on stage.</summary>
        public event Action<int> PersonAppeared;

        /// <summary>Somebody left the stage.</summary>
        public event Action<int> PersonLeft;

        /// <summary>The server answered a command, or said something by itself.</summary>
        public event Action<Answer> Answered;

        /// <summary>A frame as it came, not smoothed. It is written over after the event: copy what you keep.</summary>
        public event Action<MotionFrame> FrameReceived;

        /// <summary>A receiver of the playing scene, the first that was enabled; null if there is none.</summary>
        public static MocapReceiver First => Running.Count > 0 ? Running[0] : null;

        public MocapProtocol Protocol { get => protocol; set => protocol = value; }

        /// <summary>Takes effect with the next Connect.</summary>
        public string Address { get => address; set => address = value; }

        /// <summary>Takes effect with the next Connect.</summary>
        public string Token { get => token; set => token = value; }

        public FrameEncoding Encoding { get => encoding; set => encoding = value; }

        public int VmcPort { get => vmcPort; set => vmcPort = value; }

        public bool ConnectOnEnable { get => connectOnEnable; set => connectOnEnable = value; }

        public bool Smooth { get => smooth; set => smooth = value; }

        public UnityEvent OnConnected => onConnected;

        public UnityEvent OnDisconnected => onDisconnected;

        public PersonEvent OnPersonAppeared => onPersonAppeared;

        public PersonEvent OnPersonLeft => onPersonLeft;

        /// <summary>How it stood at the beginning of this frame.</summary>
        public SourceState State { get; private set; }

        /// <summary>What is wrong, a sentence; empty if nothing is.</summary>
        public string Problem { get; private set; } = "";

        /// <summary>What the server says of itself; null before it did, and unless it is a WebSocket.</summary>
        public ServerStatus Status { get; private set; }

        /// <summary>Frames come, or did a moment ago.</summary>
        public bool IsLive { get; private set; }

        /// <summary>Numbers of the people on stage, ascending.</summary>
        public IReadOnlyList<int> People => _people;

        /// <summary>Who may be on stage and what their skeletons are like; null before the first.</summary>
        public Cast Cast => _buffer.Cast;

        /// <summary>The moment for which this frame's poses are made, in the core's clock [s].</summary>
        public double Now { get; private set; }

        /// <summary>[s] How late poses are shown on purpose, so that they come evenly.</summary>
        public double Delay => smooth ? _buffer.Delay : 0.0;

        public long FramesReceived => _source == null ? 0 : _source.FramesReceived;

        public long FramesDropped => _source == null ? 0 : _source.FramesDropped;

        /// <summary>For recording, calibration and options of the server; null unless it is a WebSocket.</summary>
        public StreamClient Client => _source as StreamClient;

        /// <summary>What the server said last, in words; empty if it was silent.</summary>
        public string Said { get; private set; } = "";

        /// <summary>Connects as the fields say, anew if there is a connection already.</summary>
        public void Connect()
        {
            Disconnect();
            try
            {
                if (protocol == MocapProtocol.Vmc)
                    Connect(new VmcReceiver(vmcPort));
                else
                    Connect(new StreamClient(ServerAddress.Parse(address ?? "", token ?? ""), encoding));
            }
            catch (Exception error) when (error is FormatException || error is ArgumentException)
            {
                _refused = error.Message;
                Look();
            }
        }

        /// <summary>Takes motion from a source of your own, which is disposed of at the end.</summary>
        public void Connect(IMotionSource source)
        {
            Disconnect();
            _source = source;
            if (runInBackground)
                Application.runInBackground = true;
            source.Start();
            Look();
        }

        /// <summary>Closes the connection; characters do what they do when nobody is seen.</summary>
        public void Disconnect()
        {
            _refused = "";
            if (_source != null)
            {
                _source.Dispose();
                _source = null;
                _frame = null;
            }
            _buffer.Reset();
            SetConnected(false);
            _lastConnected = double.NegativeInfinity; // the next connection begins with nobody
            IsLive = false;
            Said = "";
            Compare();
            Look();
        }

        public bool IsOnStage(int person) => _people.Contains(person);

        /// <summary>The pose of a person for this frame; false, and nothing written, if they are not on stage.</summary>
        public bool TryGetPose(int person, PersonPose into) => _source != null && _buffer.Sample(person, Now, into);

        /// <summary>The first person on stage whom nobody else follows, or `wanted` as long as they are there.</summary>
        /// <param name="who">Who asks; nobody else is given the same person meanwhile.</param>
        /// <param name="wanted">The person followed until now, or -1.</param>
        /// <returns>A number, or -1 if there is nobody.</returns>
        internal int Claim(object who, int wanted)
        {
            if (wanted >= 0 && IsOnStage(wanted) && Holds(who, wanted))
                return wanted;
            if (!IsLive)
                return wanted; // nobody is seen, so nobody was exchanged either
            Unclaim(who);
            for (var i = 0; i < _people.Count; i++)
            {
                if (!_claims.ContainsKey(_people[i]))
                {
                    _claims.Add(_people[i], who);
                    return _people[i];
                }
            }
            return -1;
        }

        internal void Unclaim(object who)
        {
            var held = -1;
            foreach (KeyValuePair<int, object> claim in _claims)
                if (ReferenceEquals(claim.Value, who))
                    held = claim.Key;
            if (held >= 0)
                _claims.Remove(held);
        }

        bool Holds(object who, int person)
        {
            object holder;
            return _claims.TryGetValue(person, out holder) && ReferenceEquals(holder, who);
        }

        void OnEnable()
        {
            Running.Add(this);
            if (connectOnEnable)
                Connect();
        }

        void OnDisable()
        {
            Running.Remove(this);
            Disconnect();
        }

        void Update()
        {
            Now = Clock.Now;
            if (_source == null)
                return;
            _buffer.Interpolate = smooth;
            while (_source != null && _source.TryTake(ref _frame))
            {
                _buffer.Push(_frame);
                Raise(FrameReceived, _frame);
            }
            if (_source == null)
                return; // a listener has disconnected
            Answer answer;
            while (Client != null && Client.TryTakeAnswer(out answer))
            {
                Said = answer.Message.Length > 0 ? answer.Message : Said;
                Raise(Answered, answer);
            }
            if (_source == null)
                return;
            Now = Clock.Now;
            Look();
            var connected = State == SourceState.Connected;
            if (connected)
                _lastConnected = Now;
            IsLive = connected || Now - _lastConnected < Silence;
            SetConnected(connected);
            Compare();
        }

        /// <summary>Takes down how it stands, so that all who ask in this frame are told the same:
        /// inspectors must not change between being laid out and being drawn.</summary>
        void Look()
        {
            State = _refused.Length > 0 ? SourceState.Refused : _source == null ? SourceState.Closed : _source.State;
            Problem = _refused.Length > 0 ? _refused : _source == null ? "" : _source.Problem;
            Status = Client == null ? null : Client.Status;
        }

        void SetConnected(bool connected)
        {
            if (connected == _connected)
                return;
            _connected = connected;
            Raise(connected ? Connected : Disconnected, connected ? onConnected : onDisconnected);
        }

        /// <summary>Says who came and who left since the last time.</summary>
        void Compare()
        {
            _before.Clear();
            _before.AddRange(_people);
            _people.Clear();
            for (var i = 0; IsLive && i < _buffer.Count; i++)
            {
                var at = _people.Count; // List.Sort allocates
                while (at > 0 && _people[at - 1] > _buffer.Id(i))
                    at--;
                _people.Insert(at, _buffer.Id(i));
            }
            for (var i = 0; i < _before.Count; i++)
            {
                if (!_people.Contains(_before[i]))
                {
                    if (IsLive)
                        _claims.Remove(_before[i]);
                    Raise(PersonLeft, onPersonLeft, _before[i]);
                }
            }
            for (var i = 0; i < _people.Count; i++)
                if (!_before.Contains(_people[i]))
                    Raise(PersonAppeared, onPersonAppeared, _people[i]);
        }

        void Raise<T>(Action<T> listeners, T about)
        {
            try
            {
                if (listeners != null)
                    listeners(about);
            }
            catch (Exception error)
            {
                Debug.LogException(error, this);
            }
        }

        void Raise(Action listeners, UnityEvent inScene)
        {
            try
            {
                if (listeners != null)
                    listeners();
                inScene.Invoke();
            }
            catch (Exception error)
            {
                Debug.LogException(error, this);
            }
        }

        void Raise(Action<int> listeners, PersonEvent inScene, int person)
        {
            try
            {
                if (listeners != null)
                    listeners(person);
                inScene.Invoke(person);
            }
            catch (Exception error)
            {
                Debug.LogException(error, this);
            }
        }
    }
}
