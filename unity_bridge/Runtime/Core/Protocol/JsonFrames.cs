using System;

namespace MocapBridge
{
    /// <summary>Frames as JSON. Keys may come in any order, and unknown ones are passed over.</summary>
    internal static class JsonFrames
    {
        [Flags]
        enum Found
        {
            Seq = 1,
            T = 2,
            People = 4,
            All = 7,
        }

        [Flags]
        enum FoundOf
        {
            Id = 1,
            State = 2,
            Confidence = 4,
            Root = 8,
            Rotations = 16,
            All = 31,
        }

        /// <summary>
        /// Whether the "type" of a message is this word. Raises ProtocolException: it is no JSON
        /// object with a type.
        /// </summary>
        public static bool IsType(byte[] data, int start, int count, byte[] word)
        {
            var reader = new JsonReader(data, start, count);
            if (!FindMember(ref reader, Ascii.Type))
                throw new ProtocolException("expected a message with a type, found none");
            return reader.TextIs(word);
        }

        /// <summary>The number of a frame, whatever else is wrong with it; null if it has none.</summary>
        public static uint? SeqOf(byte[] data, int start, int count)
        {
            try
            {
                var reader = new JsonReader(data, start, count);
                return FindMember(ref reader, Ascii.Seq) ? (uint)reader.Integer() : (uint?)null;
            }
            catch (ProtocolException)
            {
                return null;
            }
        }

        /// <summary>Fills a frame. Raises ProtocolException, and the frame is worth nothing then.</summary>
        public static void Decode(byte[] data, int start, int count, Cast cast, MotionFrame frame)
        {
            var reader = new JsonReader(data, start, count);
            var found = default(Found);
            frame.Cast = cast;
            frame.SetCount(0);
            reader.BeginObject();
            while (reader.NextMember())
            {
                if (reader.KeyIs(Ascii.Seq))
                {
                    frame.Seq = (uint)reader.Integer(); // modulo 2^32, as in bytes
                    found |= Found.Seq;
                }
                else if (reader.KeyIs(Ascii.T))
                {
                    frame.Time = FrameChecks.Time(reader.Number());
                    found |= Found.T;
                }
                else if (reader.KeyIs(Ascii.People))
                {
                    DecodePeople(ref reader, cast, frame);
                    found |= Found.People;
                }
                else
                {
                    reader.Skip();
                }
            }
            reader.End();
            if (found != Found.All)
                throw new ProtocolException("frame: expected seq, t and people");
            FrameChecks.People(frame);
        }

        static void DecodePeople(ref JsonReader reader, Cast cast, MotionFrame frame)
        {
            var people = 0;
            reader.BeginArray();
            while (reader.NextElement())
            {
                if (people == cast.Count)
                    throw FrameChecks.Wrong("people", $"at most the {people} of the hello", "more");
                frame.SetCount(people + 1);
                DecodePerson(ref reader, cast.Skeleton.Count, frame[people++]);
            }
            frame.SetCount(people);
        }

        static void DecodePerson(ref JsonReader reader, int bones, PersonPose person)
        {
            var found = default(FoundOf);
            person.LeftFootDown = person.RightFootDown = false;
            reader.BeginObject();
            while (reader.NextMember())
            {
                if (reader.KeyIs(Ascii.Rotations))
                {
                    DecodeRotations(ref reader, bones, person);
                    found |= FoundOf.Rotations;
                }
                else if (reader.KeyIs(Ascii.Id))
                {
                    var id = reader.Integer();
                    if (id != (int)id)
                        throw FrameChecks.Wrong("id", "a whole number of 32 bits", id);
                    person.Id = (int)id;
                    found |= FoundOf.Id;
                }
                else if (reader.KeyIs(Ascii.State))
                {
                    person.State = DecodeState(ref reader);
                    found |= FoundOf.State;
                }
                else if (reader.KeyIs(Ascii.Confidence))
                {
                    person.Confidence = FrameChecks.Confidence((float)reader.Number());
                    found |= FoundOf.Confidence;
                }
                else if (reader.KeyIs(Ascii.Root))
                {
                    reader.BeginArray();
                    float x = Next(ref reader), y = Next(ref reader), z = Next(ref reader);
                    person.Root = FrameChecks.Root(x, y, z);
                    EndArray(ref reader);
                    found |= FoundOf.Root;
                }
                else if (reader.KeyIs(Ascii.Contacts))
                {
                    DecodeContacts(ref reader, person);
                }
                else
                {
                    reader.Skip();
                }
            }
            if (found != FoundOf.All)
                throw new ProtocolException(
                    "frame.people: expected id, state, confidence, root and rotations of everyone");
        }

        static void DecodeRotations(ref JsonReader reader, int bones, PersonPose person)
        {
            person.SetBoneCount(bones);
            reader.BeginArray();
            for (var index = 0; index < bones; index++)
            {
                float x = Next(ref reader), y = Next(ref reader);
                float z = Next(ref reader), w = Next(ref reader);
                person.Rotations[index] = FrameChecks.Rotation(x, y, z, w);
            }
            EndArray(ref reader);
        }

        static TrackState DecodeState(ref JsonReader reader)
        {
            var again = reader;
            if (reader.TextIs(Ascii.Tracked))
                return TrackState.Tracked;
            reader = again;
            if (reader.TextIs(Ascii.Held))
                return TrackState.Held;
            reader = again;
            if (reader.TextIs(Ascii.Lost))
                return TrackState.Lost;
            throw new ProtocolException("frame.state: expected tracked, held or lost");
        }

        static void DecodeContacts(ref JsonReader reader, PersonPose person)
        {
            reader.BeginObject();
            while (reader.NextMember())
            {
                bool left = reader.KeyIs(Ascii.LeftFoot), right = reader.KeyIs(Ascii.RightFoot);
                var down = reader.Boolean();
                person.LeftFootDown = left ? down : person.LeftFootDown;
                person.RightFootDown = right ? down : person.RightFootDown;
            }
        }

        static bool FindMember(ref JsonReader reader, byte[] name)
        {
            reader.BeginObject();
            while (reader.NextMember())
            {
                if (reader.KeyIs(name))
                    return true;
                reader.Skip();
            }
            return false;
        }

        static float Next(ref JsonReader reader)
        {
            if (!reader.NextElement())
                throw new ProtocolException("frame: expected more numbers");
            return (float)reader.Number();
        }

        static void EndArray(ref JsonReader reader)
        {
            if (reader.NextElement())
                throw new ProtocolException("frame: expected fewer numbers");
        }
    }
}
