using System;

namespace MocapBridge
{
    /// <summary>
    /// Which moment of the session to show now. Frames arrive unevenly; shown a little late, at
    /// their capture times, they move evenly.
    /// </summary>
    /// <remarks>
    /// Arrival minus capture time is the offset of the clocks plus the time on the way. Its running
    /// minimum over some seconds is the offset with the quickest way, and what a frame took more
    /// than that is jitter. The delay is one and a half intervals, so that there is a frame on
    /// either side, plus the 95th percentile of the jitter. Where the goal moves, the time that is
    /// shown runs a little faster or slower until it is there; it never runs backwards.
    /// </remarks>
    public sealed class PlaybackClock
    {
        const int Buckets = 10; // of one second each: the window of the minimum
        const int Samples = 128; // frames whose jitter counts
        const double Intervals = 1.5, Quantile = 0.95;
        const double Slew = 0.1; // s in a second
        const double Jump = 0.5; // [s] further off than this there is a cut
        const double LongestInterval = 0.2; // [s] above it frames were missing

        readonly double[] _minima = new double[Buckets];
        readonly double[] _ways = new double[Samples]; // [s] arrival - time, in a ring
        readonly double[] _sorted = new double[Samples];
        int _count, _bucket;
        double _bucketEnd, _interval, _lastTime;
        double _shown, _asked;
        bool _playing;

        public PlaybackClock() => Reset();

        /// <summary>[s] Bounds of the delay.</summary>
        public double MinDelay { get; set; } = 0.03;

        public double MaxDelay { get; set; } = 0.12;

        /// <summary>[s] How much later than the quickest frame came everything is shown.</summary>
        public double Delay { get; private set; }

        /// <summary>[s] From frame to frame, on average.</summary>
        public double Interval => _interval;

        /// <summary>[s] What 95 of 100 frames came later than the quickest, at most.</summary>
        public double Jitter { get; private set; }

        /// <summary>Knows nothing any more.</summary>
        public void Reset()
        {
            for (var i = 0; i < Buckets; i++)
                _minima[i] = double.PositiveInfinity;
            _count = _bucket = 0;
            _bucketEnd = _interval = _lastTime = Jitter = 0;
            Delay = MinDelay;
            _playing = false;
        }

        /// <summary>A frame of capture time [s] came at [s]; times grow.</summary>
        public void Observe(double time, double arrival)
        {
            var way = arrival - time;
            if (_count == 0)
                _bucketEnd = arrival + 1;
            for (var turns = 0; arrival >= _bucketEnd && turns <= Buckets; turns++)
            {
                _bucket = (_bucket + 1) % Buckets;
                _minima[_bucket] = double.PositiveInfinity;
                _bucketEnd = turns < Buckets ? _bucketEnd + 1 : arrival + 1;
            }
            _minima[_bucket] = Math.Min(_minima[_bucket], way);
            if (_count > 0 && time - _lastTime <= LongestInterval)
                _interval += (time - _lastTime - _interval) / Math.Min(_count, 30);
            _lastTime = time;
            _ways[_count++ % Samples] = way;
            var used = Math.Min(_count, Samples);
            Array.Copy(_ways, _sorted, used);
            Sort(_sorted, used);
            Jitter = Math.Max(_sorted[(int)(Quantile * (used - 1))] - Way(), 0);
            Delay = Math.Min(Math.Max(Intervals * _interval + Jitter, MinDelay), MaxDelay);
        }

        /// <summary>
        /// The moment of the session [s] to show at [s] <paramref name="now"/>, which does not go
        /// backwards. Ask again in the same frame and get the same.
        /// </summary>
        public double Shown(double now)
        {
            var goal = now - Way() - Delay;
            var step = Math.Max(now - _asked, 0);
            if (!_playing || Math.Abs(goal - _shown - step) > Jump)
            {
                _shown = _playing ? Math.Max(goal, _shown) : goal;
                _playing = true;
            }
            else
            {
                var error = goal - _shown - step;
                _shown += step + Math.Min(Math.Max(error, -Slew * step), Slew * step);
            }
            _asked = now;
            return _shown;
        }

        /// <summary>[s] Arrival minus capture time on the quickest way.</summary>
        double Way()
        {
            var least = double.PositiveInfinity;
            for (var i = 0; i < Buckets; i++)
                least = Math.Min(least, _minima[i]);
            return least;
        }

        /// <summary>By insertion: nearly sorted, short, and Array.Sort may allocate.</summary>
        static void Sort(double[] values, int count)
        {
            for (var i = 1; i < count; i++)
            {
                var value = values[i];
                var at = i;
                for (; at > 0 && values[at - 1] > value; at--)
                    values[at] = values[at - 1];
                values[at] = value;
            }
        }
    }
}
