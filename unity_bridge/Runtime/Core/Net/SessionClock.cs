namespace MocapBridge
{
    /// <summary>
    /// What the clock of a session says, by pings: the one that came back fastest of the last few
    /// tells the most. Times are arguments.
    /// </summary>
    internal sealed class SessionClock
    {
        const int Trips = 8;
        const int QuickPings = 5;
        const double Quick = 0.1, Slow = 2; // [s] from ping to ping: a few soon, then now and then
        const double Longest = 5; // [s] a trip that tells nothing any more

        readonly double[] _trips = new double[Trips]; // [s]
        readonly double[] _offsets = new double[Trips]; // [s] session minus here
        int _count, _pings;
        double _next;

        /// <summary>[s] What to add to a time of <see cref="Clock"/>; NaN before it is known.</summary>
        public double Offset { get; private set; } = double.NaN;

        /// <summary>Whether a ping is due at [s] <paramref name="now"/>; then it is sent.</summary>
        public bool IsDue(double now)
        {
            if (now < _next)
                return false;
            _next = now + (++_pings < QuickPings ? Quick : Slow);
            return true;
        }

        /// <summary>
        /// The answer to the ping of [s] <paramref name="sent"/> has come, and says [s]
        /// <paramref name="clock"/>.
        /// </summary>
        public void Pong(double sent, double clock, double now)
        {
            var trip = now - sent;
            if (!(trip >= 0 && trip <= Longest))
                return;
            _trips[_count % Trips] = trip;
            _offsets[_count % Trips] = clock - (sent + now) / 2;
            _count++;
            var best = 0;
            for (var i = 1; i < Trips && i < _count; i++)
                if (_trips[i] < _trips[best])
                    best = i;
            Offset = _offsets[best];
        }
    }
}
