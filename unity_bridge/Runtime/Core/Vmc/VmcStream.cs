using System;
using System.Collections.Generic;

namespace MocapBridge
{
    /// <summary>
    /// Datagrams of the Virtual Motion Capture protocol (protocol.vmc.info) to frames, whoever
    /// sends them; without sockets. What is not of the types that it must be is passed over.
    /// </summary>
    /// <remarks>
    /// A frame ends with its time (/VMC/Ext/T); where a sender leaves that out, as soon as a bone
    /// comes for the second time. What is lost on the way keeps its last value.
    /// </remarks>
    internal sealed class VmcStream
    {
        const int Deepest = 8; // bundles in each other
        const int MostBlends = 1000, LongestName = 100; // bytes
        const float Farthest = 1e6f; // [m]

        static readonly byte[] Any = Ascii.Of("/VMC/Ext/");
        static readonly byte[] BonePos = Ascii.Of("/VMC/Ext/Bone/Pos");
        static readonly byte[] RootPos = Ascii.Of("/VMC/Ext/Root/Pos");
        static readonly byte[] Ok = Ascii.Of("/VMC/Ext/OK");
        static readonly byte[] Time = Ascii.Of("/VMC/Ext/T");
        static readonly byte[] BlendVal = Ascii.Of("/VMC/Ext/Blend/Val");
        static readonly byte[] PlaceTags = Ascii.Of("sfffffff");
        static readonly byte[] BlendTags = Ascii.Of("sf");
        static readonly byte[] FloatTag = Ascii.Of("f");
        static readonly byte[] IntegerTag = Ascii.Of("i");
        static readonly byte[] TrackingTags = Ascii.Of("iiii");
        static readonly byte[][] Names = new byte[HumanBones.Count][];

        readonly FrameQueue _frames;
        readonly VmcPose _pose = new VmcPose();
        readonly bool[] _came = new bool[HumanBones.Count]; // since the last frame
        readonly Dictionary<string, float> _blends = new Dictionary<string, float>();
        readonly List<KeyValuePair<byte[], string>> _blendNames = new List<KeyValuePair<byte[], string>>();
        bool _isNew, _isAway, _isLost, _isTimeless;
        double _arrival, _time = double.NegativeInfinity;
        uint _seq;
        int _session = 1;

        static VmcStream()
        {
            for (var bone = 0; bone < HumanBones.Count; bone++)
                Names[bone] = Ascii.Of(HumanBones.UnityName(bone));
        }

        public VmcStream(FrameQueue frames) => _frames = frames;

        public Cast Cast => _pose.Cast;

        /// <summary>Frames that were published.</summary>
        public long Frames { get; private set; }

        /// <summary>Messages of VMC, whole and of the right types.</summary>
        public long Good { get; private set; }

        /// <summary>Packets that were no such thing.</summary>
        public long Bad { get; private set; }

        public bool TryGetBlend(string name, out float value)
        {
            lock (_blends)
                return _blends.TryGetValue(name, out value);
        }

        /// <summary>A datagram that came at [s].</summary>
        public void Take(byte[] data, int count, double arrival)
        {
            _arrival = arrival;
            TakePacket(data, 0, count, 0);
        }

        void TakePacket(byte[] data, int start, int end, int depth)
        {
            if (!OscMessage.IsBundle(data, start, end))
            {
                if (OscMessage.TryParse(data, start, end, out var message) && Obey(ref message))
                    Good++;
                else
                    Bad++;
                return;
            }
            if (depth == Deepest)
            {
                Bad++;
                return;
            }
            var at = start + 16;
            while (OscMessage.TryNextElement(data, ref at, end, out var first, out var stop))
                TakePacket(data, first, stop, depth + 1);
        }

        bool Obey(ref OscMessage message)
        {
            if (message.AddressIs(BonePos))
                return TakeBone(ref message);
            if (message.AddressIs(RootPos))
                return TakeRoot(ref message);
            if (message.AddressIs(Time))
                return TakeTime(ref message);
            if (message.AddressIs(Ok))
                return TakeOk(ref message);
            if (message.AddressIs(BlendVal))
                return TakeBlend(ref message);
            return message.AddressBegins(Any); // there is more in VMC: cameras, devices, controls
        }

        bool TakeBone(ref OscMessage message)
        {
            if (!TakePlace(ref message, out var start, out var count, out var place, out var turn))
                return false;
            var bone = 0;
            while (bone < HumanBones.Count && !message.TextIs(start, count, Names[bone]))
                bone++;
            if (bone == HumanBones.Count)
                return true; // some send LastBone and the like
            if (_came[bone] && _isTimeless)
                Publish(_arrival);
            else if (_came[bone] && _time == double.NegativeInfinity)
                Timeless();
            _came[bone] = true;
            _isNew = true;
            _pose.Set(bone, place, turn);
            return true;
        }

        bool TakeRoot(ref OscMessage message)
        {
            if (!TakePlace(ref message, out _, out _, out var place, out var turn))
                return false;
            if (_isTimeless && _isNew)
                Publish(_arrival);
            _pose.SetRoot(place, turn);
            return true;
        }

        static bool TakePlace(
            ref OscMessage message, out int start, out int count, out Vec3 place, out Quat turn)
        {
            place = default(Vec3);
            turn = default(Quat);
            start = count = 0;
            if (!message.Begins(PlaceTags) || !message.TakeText(out start, out count)
                || !message.TakeFloat(out var x) || !message.TakeFloat(out var y)
                || !message.TakeFloat(out var z) || !message.TakeFloat(out var qx)
                || !message.TakeFloat(out var qy) || !message.TakeFloat(out var qz)
                || !message.TakeFloat(out var qw))
                return false;
            place = new Vec3(x, y, z);
            turn = new Quat(qx, qy, qz, qw);
            if (!(place.Length <= Farthest && Math.Abs(turn.SquaredNorm - 1) < 0.5f))
                return false;
            turn = turn.Normalized();
            return true;
        }

        bool TakeTime(ref OscMessage message)
        {
            if (!message.Begins(FloatTag) || !message.TakeFloat(out var time))
                return false;
            if (_isTimeless || !_isNew)
                return true;
            if (time == _time) // it says nothing then
                Timeless();
            else
                Publish(time);
            return true;
        }

        bool TakeOk(ref OscMessage message)
        {
            var tracking = 1;
            if (!message.Begins(IntegerTag))
                return false;
            var hasTracking = message.Begins(TrackingTags);
            message.TakeInteger(out var loaded);
            if (hasTracking)
            {
                message.TakeInteger(out _);
                message.TakeInteger(out _);
                message.TakeInteger(out tracking);
            }
            _isLost = tracking == 0;
            if (loaded == 0 && !_isAway && _pose.Cast != null)
                PublishNobody();
            _isAway = loaded == 0;
            return true;
        }

        bool TakeBlend(ref OscMessage message)
        {
            if (!message.Begins(BlendTags) || !message.TakeText(out var start, out var count)
                || !message.TakeFloat(out var value) || count > LongestName)
                return false;
            lock (_blends)
            {
                var i = 0;
                while (i < _blendNames.Count && !message.TextIs(start, count, _blendNames[i].Key))
                    i++;
                if (i == MostBlends)
                    return false;
                if (i == _blendNames.Count)
                {
                    var name = message.Text(start, count);
                    _blendNames.Add(new KeyValuePair<byte[], string>(message.Copy(start, count), name));
                }
                _blends[_blendNames[i].Value] = value;
            }
            return true;
        }

        /// <summary>The sender tells no times, so that those of arrival have to do.</summary>
        void Timeless()
        {
            _isTimeless = true;
            _session++;
            Publish(_arrival);
        }

        void Publish(double time)
        {
            if (_pose.Has(HumanBones.Hips) && _isNew && !_isAway)
            {
                var frame = Begin(time);
                _pose.Fill(frame);
                frame[0].State = _isLost ? TrackState.Lost : TrackState.Tracked;
                Frames++;
                _frames.Publish(frame);
            }
            for (var bone = 0; bone < HumanBones.Count; bone++)
                _came[bone] = false;
            _isNew = false;
        }

        void PublishNobody()
        {
            var frame = Begin(_isTimeless ? _arrival : _time + 1e-3);
            frame.Cast = _pose.Cast;
            frame.SetCount(0);
            Frames++;
            _frames.Publish(frame);
        }

        MotionFrame Begin(double time)
        {
            if (time < _time)
                _session++; // another sender, or the same begins anew
            _time = time;
            var frame = _frames.Rent();
            frame.Time = time;
            frame.Arrival = _arrival;
            frame.Session = _session;
            frame.Seq = ++_seq;
            return frame;
        }
    }
}
