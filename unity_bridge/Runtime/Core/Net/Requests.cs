using System.Collections.Generic;
using System.Text;

namespace MocapBridge
{
    /// <summary>
    /// What the server was asked and what it said: every request gets an answer, an error if the
    /// server is gone or silent. Any thread.
    /// </summary>
    internal sealed class Requests
    {
        const double Patience = 10; // [s] after which no answer comes any more
        const int MostAnswers = 100; // kept until somebody asks
        const int Largest = 60000; // bytes of a request; a server takes 64 KiB

        struct Open
        {
            public string Of;
            public double Until; // [s]
        }

        readonly object _guard = new object();
        readonly Dictionary<int, Open> _open = new Dictionary<int, Open>();
        readonly List<int> _late = new List<int>();
        readonly Queue<byte[]> _unsent = new Queue<byte[]>();
        readonly Queue<Answer> _answers = new Queue<Answer>();
        int _last;
        bool _connected;

        /// <summary>Asks something; the message is JSON without its end, as {"type":"stop".</summary>
        /// <returns>The number of the request.</returns>
        public int Ask(string of, StringBuilder message, double now)
        {
            lock (_guard)
            {
                var request = ++_last;
                if (message.Length > Largest)
                {
                    Add(Answer.Failed(of, request, $"at most {Largest} bytes can be sent"));
                }
                else if (_connected)
                {
                    message.Append(",\"request\":").AppendNumber(request).Append('}');
                    _unsent.Enqueue(Encoding.ASCII.GetBytes(message.ToString()));
                    _open[request] = new Open { Of = of, Until = now + Patience };
                }
                else
                {
                    Add(Answer.Failed(of, request, "not connected"));
                }
                return request;
            }
        }

        /// <summary>The next message to send.</summary>
        public bool TryTakeUnsent(out byte[] message)
        {
            lock (_guard)
            {
                message = _unsent.Count > 0 ? _unsent.Dequeue() : null;
                return message != null;
            }
        }

        /// <summary>Something was said: an ack, an error or a note.</summary>
        public void Answered(Answer answer)
        {
            lock (_guard)
            {
                _open.Remove(answer.Request);
                Add(answer);
            }
        }

        public bool TryTakeAnswer(out Answer answer)
        {
            lock (_guard)
            {
                answer = _answers.Count > 0 ? _answers.Dequeue() : null;
                return answer != null;
            }
        }

        public void Connected()
        {
            lock (_guard)
                _connected = true;
        }

        /// <summary>Nobody answers any more.</summary>
        public void Disconnected()
        {
            lock (_guard)
            {
                _connected = false;
                _unsent.Clear();
                foreach (var open in _open)
                    Add(Answer.Failed(
                        open.Value.Of, open.Key, "the connection was lost before the answer"));
                _open.Clear();
            }
        }

        /// <summary>Gives up what waited for too long.</summary>
        public void GiveUpLate(double now)
        {
            lock (_guard)
            {
                if (_open.Count == 0)
                    return;
                foreach (var open in _open)
                    if (now > open.Value.Until)
                        _late.Add(open.Key);
                foreach (var request in _late)
                {
                    Add(Answer.Failed(_open[request].Of, request, $"no answer within {Patience:0} s"));
                    _open.Remove(request);
                }
                _late.Clear();
            }
        }

        void Add(Answer answer)
        {
            if (_answers.Count == MostAnswers)
                _answers.Dequeue();
            _answers.Enqueue(answer);
        }
    }
}
