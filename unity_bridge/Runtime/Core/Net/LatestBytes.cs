using System;

namespace MocapBridge
{
    /// <summary>
    /// The newest message of a kind, as bytes: it is read only when somebody asks, so that nothing
    /// is allocated for what nobody looks at. Any thread.
    /// </summary>
    internal sealed class LatestBytes
    {
        readonly object _guard = new object();
        byte[] _data = new byte[2048];
        int _count;
        bool _isNew;

        public void Set(byte[] data, int start, int count)
        {
            lock (_guard)
            {
                if (_data.Length < count)
                    _data = new byte[2 * count];
                Buffer.BlockCopy(data, start, _data, 0, count);
                _count = count;
                _isNew = true;
            }
        }

        /// <summary>What has come since the last call.</summary>
        public bool TryTake(out JsonValue value)
        {
            value = null;
            lock (_guard)
            {
                if (!_isNew)
                    return false;
                _isNew = false;
                try
                {
                    value = JsonValue.Parse(_data, 0, _count);
                    return true;
                }
                catch (ProtocolException)
                {
                    return false; // the one before is as good
                }
            }
        }
    }
}
