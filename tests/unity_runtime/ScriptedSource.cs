using System.Collections.Generic;

namespace MocapBridge.Tests
{
    /// <summary>A source that says what a test wants, when it wants it.</summary>
    public sealed class ScriptedSource : IMotionSource
    {
        readonly Queue<MotionFrame> _waiting = new Queue<MotionFrame>();
        uint _seq;

        public SourceState State { get; set; } = SourceState.Connecting;

        public string Problem { get; set; } = "";

        public Cast Cast { get; set; }

        public bool IsStarted { get; private set; }

        public bool IsDisposed { get; private set; }

        public long FramesReceived => _seq;

        public long FramesDropped => 0;

        public void Start() => IsStarted = true;

        public void Dispose() => IsDisposed = true;

        /// <summary>A frame of these people, taken at `time` and arriving now.</summary>
        public void Send(double time, params PersonPose[] people)
        {
            State = SourceState.Connected;
            var ids = new int[people.Length];
            for (var i = 0; i < ids.Length; i++)
                ids[i] = people[i].Id;
            if (Cast == null || Cast.Count != ids.Length || !System.Array.TrueForAll(ids, id => Cast.IndexOf(id) >= 0))
                Cast = People.Cast(ids);
            var frame = new MotionFrame { Seq = ++_seq, Time = time, Arrival = Clock.Now, Cast = Cast };
            frame.SetCount(people.Length);
            for (var i = 0; i < people.Length; i++)
                frame[i].CopyFrom(people[i]);
            _waiting.Enqueue(frame);
        }

        public bool TryTake(ref MotionFrame frame)
        {
            if (_waiting.Count == 0)
                return false;
            frame = _waiting.Dequeue();
            return true;
        }
    }
}
