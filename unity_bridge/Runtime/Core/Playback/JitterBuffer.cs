using System.Collections.Generic;

namespace MocapBridge
{
    /// <summary>
    /// Plays frames smoothly, a little late: whatever the rates of the stream and of the game,
    /// everybody moves by capture time. For one thread; allocates only when somebody new comes.
    /// </summary>
    /// <example><code>
    /// while (source.TryTake(ref frame)) buffer.Push(frame);
    /// if (buffer.Sample(0, Clock.Now, pose)) retarget.Solve(pose, avatar);
    /// </code></example>
    public sealed class JitterBuffer
    {
        readonly List<PersonTrack> _tracks = new List<PersonTrack>(); // by the place in this list
        readonly List<PersonTrack> _unused = new List<PersonTrack>();
        readonly PlaybackClock _clock = new PlaybackClock();
        uint _seq;
        int _session;
        double _time;
        double _shown = double.NegativeInfinity;

        /// <summary>Whether to play smoothly; else everybody is shown as they came last.</summary>
        public bool Interpolate { get; set; } = true;

        /// <summary>[s] Bounds of the delay.</summary>
        public double MinDelay
        {
            get => _clock.MinDelay;
            set => _clock.MinDelay = value;
        }

        public double MaxDelay
        {
            get => _clock.MaxDelay;
            set => _clock.MaxDelay = value;
        }

        /// <summary>[s] How late it plays now.</summary>
        public double Delay => Interpolate ? _clock.Delay : 0;

        /// <summary>[s] How unevenly frames come.</summary>
        public double Jitter => _clock.Jitter;

        /// <summary>Who is who in the newest frame; null before the first.</summary>
        public Cast Cast { get; private set; }

        /// <summary>How many people are in it.</summary>
        public int Count => _tracks.Count;

        /// <summary>The number of one of them.</summary>
        public int Id(int i) => _tracks[i].Id;

        /// <summary>Forgets everything.</summary>
        public void Reset()
        {
            _unused.AddRange(_tracks);
            _tracks.Clear();
            _clock.Reset();
            _shown = double.NegativeInfinity;
            Cast = null;
        }

        /// <summary>
        /// The next frame; what it holds is copied. Where a server begins anew, or its bones are
        /// others, everything before is forgotten.
        /// </summary>
        public void Push(MotionFrame frame)
        {
            if (Cast != null && IsAnew(frame))
                Reset();
            else if (Cast != null && frame.Time <= _time)
                return; // twice the same moment
            Cast = frame.Cast;
            _session = frame.Session;
            _seq = frame.Seq;
            _time = frame.Time;
            _clock.Observe(frame.Time, frame.Arrival);
            for (var i = 0; i < frame.Count; i++)
                TrackOf(frame[i].Id).Push(frame[i], frame.Time);
            for (var i = _tracks.Count - 1; i >= 0; i--)
            {
                if (frame.Find(_tracks[i].Id) == null)
                    _tracks[i].Left(frame.Time);
                if (_tracks[i].IsOver(Interpolate ? _shown : frame.Time))
                    Remove(i);
            }
        }

        /// <summary>The pose of a person at [s] <paramref name="now"/>, by <see cref="Clock"/>.</summary>
        /// <returns>False, and the pose is left as it is, if they are not on stage.</returns>
        public bool Sample(int id, double now, PersonPose into)
        {
            if (Cast == null)
                return false;
            _shown = _clock.Shown(now);
            for (var i = 0; i < _tracks.Count; i++)
                if (_tracks[i].Id == id)
                    return Interpolate ? _tracks[i].Sample(_shown, into) : _tracks[i].Newest(into);
            return false;
        }

        bool IsAnew(MotionFrame frame) =>
            frame.Session != _session
            || (int)(frame.Seq - _seq) < 0
            || frame.Cast != Cast && !frame.Cast.Skeleton.HasSameBones(Cast.Skeleton);

        PersonTrack TrackOf(int id)
        {
            for (var i = 0; i < _tracks.Count; i++)
                if (_tracks[i].Id == id)
                    return _tracks[i];
            var track = _unused.Count > 0 ? _unused[_unused.Count - 1] : new PersonTrack();
            _unused.Remove(track);
            track.Clear(id);
            _tracks.Add(track);
            return track;
        }

        void Remove(int i)
        {
            _unused.Add(_tracks[i]);
            _tracks.RemoveAt(i);
        }
    }
}
