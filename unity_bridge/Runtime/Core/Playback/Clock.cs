using System.Diagnostics;

namespace MocapBridge
{
    /// <summary>The clock of this program: seconds that never jump, from some beginning.</summary>
    public static class Clock
    {
        static readonly double Tick = 1.0 / Stopwatch.Frequency;

        /// <summary>[s] Any thread may ask, unlike Unity's Time.</summary>
        public static double Now => Stopwatch.GetTimestamp() * Tick;
    }
}
