using System;

namespace MocapBridge
{
    /// <summary>
    /// Everyone at one moment, in Unity's axes. Made once and filled again and again: what was
    /// taken from a source is the taker's until it is handed back with the next call.
    /// </summary>
    public sealed class MotionFrame
    {
        PersonPose[] _people = Array.Empty<PersonPose>();

        /// <summary>Grows, modulo 2^32; some are left out.</summary>
        public uint Seq;

        /// <summary>[s] When the picture was taken, on the clock of the session.</summary>
        public double Time;

        /// <summary>[s] When it came, on <see cref="Clock"/>.</summary>
        public double Arrival;

        /// <summary>Another number where times have begun anew: another connection or sender.</summary>
        public int Session;

        /// <summary>Who they are, and what their bones are.</summary>
        public Cast Cast;

        /// <summary>How many people are on stage.</summary>
        public int Count { get; private set; }

        public PersonPose this[int i] => _people[i];

        /// <summary>The person with this number, null if they are not on stage.</summary>
        public PersonPose Find(int id)
        {
            for (var i = 0; i < Count; i++)
                if (_people[i].Id == id)
                    return _people[i];
            return null;
        }

        /// <summary>
        /// Makes place for so many people; allocates only if there never were so many.
        /// </summary>
        public void SetCount(int count)
        {
            if (_people.Length < count)
            {
                var had = _people.Length;
                Array.Resize(ref _people, count);
                for (var i = had; i < count; i++)
                    _people[i] = new PersonPose();
            }
            Count = count;
        }
    }
}
