using System;

namespace MocapBridge
{
    /// <summary>
    /// Frames as bytes, little-endian like every machine that runs Unity. A header of 24 bytes:
    /// u8 kind, u8 version, u16 people, u16 bones, u16, u32 seq, u32, f64 t; then for each person
    /// 24 + 16 J: i32 id, u8 state, u8 feet, u16, f32 confidence, f32[3] root, f32[4 J] rotations.
    /// </summary>
    internal static class BinaryFrames
    {
        public const byte Kind = 1;
        const int Header = 24, PersonHeader = 24, Quaternion = 16;

        /// <summary>Whether the message is a frame; other kinds are of later versions.</summary>
        public static bool IsFrame(byte[] data, int start, int count) =>
            count > 0 && data[start] == Kind;

        /// <summary>The number of a frame, whatever else is wrong with it; null if it has none.</summary>
        public static uint? SeqOf(byte[] data, int start, int count) =>
            count >= 12 ? BitConverter.ToUInt32(data, start + 8) : (uint?)null;

        /// <summary>Fills a frame. Raises ProtocolException, and the frame is worth nothing then.</summary>
        public static void Decode(byte[] data, int start, int count, Cast cast, MotionFrame frame)
        {
            if (count < Header)
                throw FrameChecks.Wrong("bytes", $"at least {Header}", count);
            if (data[start] != Kind || data[start + 1] != HelloDecoder.Version)
                throw FrameChecks.Wrong("version", $"kind {Kind} of version {HelloDecoder.Version}",
                    $"kind {data[start]} of version {data[start + 1]}");
            int people = BitConverter.ToUInt16(data, start + 2);
            int bones = BitConverter.ToUInt16(data, start + 4);
            if (people > 0 && bones != cast.Skeleton.Count)
                throw FrameChecks.Wrong("bones", $"the {cast.Skeleton.Count} of the hello", bones);
            if (people > cast.Count)
                throw FrameChecks.Wrong("people", $"at most the {cast.Count} of the hello", people);
            var size = PersonHeader + Quaternion * bones;
            if (count != Header + people * size)
                throw FrameChecks.Wrong("bytes", $"{Header + people * size} for {people} people", count);
            frame.Cast = cast;
            frame.Seq = BitConverter.ToUInt32(data, start + 8);
            frame.Time = FrameChecks.Time(BitConverter.ToDouble(data, start + 16));
            frame.SetCount(people);
            for (var i = 0; i < people; i++)
                DecodePerson(data, start + Header + i * size, bones, frame[i]);
            FrameChecks.People(frame);
        }

        static void DecodePerson(byte[] data, int at, int bones, PersonPose person)
        {
            person.Id = BitConverter.ToInt32(data, at);
            if (data[at + 4] > (byte)TrackState.Tracked)
                throw FrameChecks.Wrong("state", "0 to 2", data[at + 4]);
            person.State = (TrackState)data[at + 4];
            person.LeftFootDown = (data[at + 5] & 1) != 0;
            person.RightFootDown = (data[at + 5] & 2) != 0;
            person.Confidence = FrameChecks.Confidence(BitConverter.ToSingle(data, at + 8));
            person.Root = FrameChecks.Root(
                BitConverter.ToSingle(data, at + 12),
                BitConverter.ToSingle(data, at + 16),
                BitConverter.ToSingle(data, at + 20));
            person.SetBoneCount(bones);
            at += PersonHeader;
            for (var index = 0; index < bones; index++, at += Quaternion)
                person.Rotations[index] = FrameChecks.Rotation(
                    BitConverter.ToSingle(data, at),
                    BitConverter.ToSingle(data, at + 4),
                    BitConverter.ToSingle(data, at + 8),
                    BitConverter.ToSingle(data, at + 12));
        }
    }
}
