namespace MocapBridge
{
    /// <summary>The last poses of one person, in order of capture time, and those between.</summary>
    internal sealed class PersonTrack
    {
        const int Capacity = 32; // poses: more than the longest delay at 240 a second

        readonly PersonPose[] _poses = new PersonPose[Capacity];
        readonly double[] _times = new double[Capacity];
        int _count; // pushed in all; the last Capacity of them are there
        double _goneAt;

        public PersonTrack()
        {
            for (var i = 0; i < Capacity; i++)
                _poses[i] = new PersonPose();
            Clear(0);
        }

        public int Id { get; private set; }

        /// <summary>Whether a frame said that the person left.</summary>
        public bool IsGone => _goneAt < double.PositiveInfinity;

        public void Clear(int id)
        {
            Id = id;
            _count = 0;
            _goneAt = double.PositiveInfinity;
        }

        public void Push(PersonPose pose, double time)
        {
            if (IsGone) // who comes back does not fly there
                Clear(Id);
            _poses[_count % Capacity].CopyFrom(pose);
            _times[_count++ % Capacity] = time;
        }

        /// <summary>The person is not in the frame of this time [s].</summary>
        public void Left(double time)
        {
            if (!IsGone)
                _goneAt = time;
        }

        /// <summary>Whether nothing of the person is to be seen any more at [s].</summary>
        public bool IsOver(double time) => _count == 0 || time >= _goneAt;

        /// <summary>The newest pose.</summary>
        public bool Newest(PersonPose into)
        {
            if (_count == 0 || IsGone)
                return false;
            into.CopyFrom(_poses[(_count - 1) % Capacity]);
            return true;
        }

        /// <summary>
        /// The pose at a capture time [s]: between two, or the last one held where none has come.
        /// </summary>
        /// <returns>False if the person is not there yet, or not any more.</returns>
        public bool Sample(double time, PersonPose into)
        {
            if (IsOver(time))
                return false;
            var after = _count;
            var oldest = _count > Capacity ? _count - Capacity : 0;
            while (after > oldest && _times[(after - 1) % Capacity] > time)
                after--;
            if (after == oldest)
            {
                if (oldest == 0)
                    return false;
                into.CopyFrom(_poses[oldest % Capacity]); // so many came that the right one is lost
                return true;
            }
            int a = (after - 1) % Capacity, b = after % Capacity;
            if (after == _count)
                into.CopyFrom(_poses[a]);
            else
                into.Blend(_poses[a], _poses[b], (float)((time - _times[a]) / (_times[b] - _times[a])));
            return true;
        }
    }
}
