using System.Collections.Generic;

namespace MocapBridge
{
    /// <summary>
    /// Frames on their way from the thread that receives to the one that draws. None is ever
    /// copied or made anew: they go round. Where nobody takes them, the oldest is given up for the
    /// newest, so that whoever comes late finds the present.
    /// </summary>
    internal sealed class FrameQueue
    {
        readonly object _guard = new object();
        readonly int _capacity;
        readonly Queue<MotionFrame> _waiting;
        readonly Queue<MotionFrame> _free; // all are in use soon, and none has to grow later

        public FrameQueue(int capacity)
        {
            _capacity = capacity;
            var count = capacity + 2; // and one with each of the two threads
            _waiting = new Queue<MotionFrame>(count);
            _free = new Queue<MotionFrame>(count);
            for (var i = 0; i < count; i++)
                _free.Enqueue(new MotionFrame());
        }

        /// <summary>Frames that nobody took in time.</summary>
        public long GivenUp { get; private set; }

        /// <summary>A frame to fill, for <see cref="Publish"/> or <see cref="Return"/>.</summary>
        public MotionFrame Rent()
        {
            lock (_guard)
                return _free.Count > 0 ? _free.Dequeue() : new MotionFrame();
        }

        /// <summary>A frame that was rented and is not worth anything.</summary>
        public void Return(MotionFrame frame)
        {
            lock (_guard)
                _free.Enqueue(frame);
        }

        /// <summary>A frame that was rented and filled is the newest.</summary>
        public void Publish(MotionFrame frame)
        {
            lock (_guard)
            {
                if (_waiting.Count == _capacity)
                {
                    _free.Enqueue(_waiting.Dequeue());
                    GivenUp++;
                }
                _waiting.Enqueue(frame);
            }
        }

        /// <summary>Gives back the frame of before, null at first, for the next in order.</summary>
        /// <returns>False, and the frame of before is kept, if none has come.</returns>
        public bool TryTake(ref MotionFrame frame)
        {
            lock (_guard)
            {
                if (_waiting.Count == 0)
                    return false;
                if (frame != null)
                    _free.Enqueue(frame);
                frame = _waiting.Dequeue();
                return true;
            }
        }
    }
}
