using System;

namespace MocapBridge
{
    /// <summary>How it stands with a source of motion.</summary>
    public enum SourceState
    {
        /// <summary>Not started, or ended on purpose.</summary>
        Closed,

        /// <summary>On the way; nothing has come yet.</summary>
        Connecting,

        /// <summary>Motion comes, or may come at any moment.</summary>
        Connected,

        /// <summary>Interrupted; it comes back by itself.</summary>
        Waiting,

        /// <summary>Over: another try would end the same way. The problem says why.</summary>
        Refused,
    }

    /// <summary>
    /// Where frames come from. It has a thread of its own; all of this may be used from another
    /// thread at any time, but by one at a time.
    /// </summary>
    public interface IMotionSource : IDisposable
    {
        SourceState State { get; }

        /// <summary>What is wrong and what would help, a sentence for users; empty if nothing.</summary>
        string Problem { get; }

        /// <summary>Who may be on stage, the newest; null before the first.</summary>
        Cast Cast { get; }

        long FramesReceived { get; }

        /// <summary>
        /// Frames that the sender or the network left out, and those that nobody took in time.
        /// </summary>
        long FramesDropped { get; }

        /// <summary>Begins; once.</summary>
        void Start();

        /// <summary>
        /// The next frame in order. The one of the call before, null at first, is given back with
        /// it and must not be used any more. Up to eight wait; then the oldest is given up.
        /// </summary>
        /// <returns>False, and the frame is left as it is, if none has come.</returns>
        bool TryTake(ref MotionFrame frame);
    }
}
