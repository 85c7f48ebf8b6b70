using System.Collections.Generic;

namespace MocapBridge
{
    /// <summary>Reads the first message of a server: who is on stage, in which units.</summary>
    public static class HelloDecoder
    {
        public const int Version = 1;
        public const int MostBones = 1000;
        public const double Farthest = 1e6; // [m] no position is further away

        static readonly string[] Convention =
        {
            "up", "+Y", "forward", "+Z", "handedness", "right", "unit", "m", "quaternion", "xyzw",
        };

        /// <summary>
        /// The people of a hello. Raises ProtocolException: it is none of this protocol;
        /// RefusedException: it is of another version.
        /// </summary>
        public static Cast Decode(JsonValue hello)
        {
            var version = hello["protocol"];
            if (version.AsDouble() != Version)
                throw new RefusedException(
                    $"the server speaks version {version} of the protocol, this program version "
                    + $"{Version}; update the older of them");
            for (var i = 0; i < Convention.Length; i += 2)
                if (hello["convention"][Convention[i]].AsText() != Convention[i + 1])
                    throw new ProtocolException(
                        $"hello.convention.{Convention[i]}: expected {Convention[i + 1]}, got "
                        + hello["convention"][Convention[i]]);
            var skeleton = DecodeSkeleton(hello["skeleton"]["bones"]);
            var fps = Number(hello["fps"], "hello.fps", 1e-3, 1e3);
            var people = Array(hello["people"], "hello.people");
            var ids = new int[people.Count];
            var offsets = new Vec3[people.Count][];
            var known = new HashSet<int>();
            for (var person = 0; person < ids.Length; person++)
            {
                var at = $"hello.people[{person}]";
                ids[person] = Id(people[person]["id"], at + ".id");
                if (!known.Add(ids[person]))
                    throw new ProtocolException($"{at}.id: {ids[person]} is there twice");
                offsets[person] = Positions(people[person]["offsets"], at + ".offsets", skeleton.Count);
            }
            return new Cast(skeleton, ids, offsets, fps, Plain.Line(hello["server"].AsText(), 80));
        }

        static Skeleton DecodeSkeleton(JsonValue bones)
        {
            var count = Array(bones, "hello.skeleton.bones").Count;
            if (count == 0 || count > MostBones)
                throw new ProtocolException(
                    $"hello.skeleton.bones: expected 1 to {MostBones}, got {count}");
            var indices = new Dictionary<string, int>();
            var names = new string[count];
            var parents = new int[count];
            var offsets = new Vec3[count];
            var tips = new Vec3?[count];
            for (var index = 0; index < count; index++)
            {
                var at = $"hello.skeleton.bones[{index}]";
                var bone = bones[index];
                names[index] = bone["name"].AsText(null);
                if (names[index] == null || indices.ContainsKey(names[index]))
                    throw new ProtocolException($"{at}.name: expected a text that no other bone has");
                parents[index] = Parent(bone["parent"], indices, index, at + ".parent");
                offsets[index] = Positions(bone["offset"], at + ".offset", 1)[0];
                if (!bone["tip"].IsMissing && !bone["tip"].IsNull)
                    tips[index] = Positions(bone["tip"], at + ".tip", 1)[0];
                indices.Add(names[index], index);
            }
            return new Skeleton(names, parents, offsets, tips);
        }

        static int Parent(JsonValue name, Dictionary<string, int> above, int index, string at)
        {
            if (index == 0 && (name.IsNull || name.IsMissing))
                return -1;
            if (index > 0 && name.IsText && above.TryGetValue(name.AsText(), out var parent))
                return parent;
            throw new ProtocolException(
                $"{at}: expected {(index == 0 ? "null" : "the name of a bone before it")}, got {name}");
        }

        static Vec3[] Positions(JsonValue numbers, string at, int count)
        {
            if (Array(numbers, at).Count != 3 * count)
                throw new ProtocolException($"{at}: expected {3 * count} numbers, got {numbers}");
            var positions = new Vec3[count];
            for (var i = 0; i < count; i++)
                positions[i] = Coordinates.Position(
                    (float)Number(numbers[3 * i], at, -Farthest, Farthest),
                    (float)Number(numbers[3 * i + 1], at, -Farthest, Farthest),
                    (float)Number(numbers[3 * i + 2], at, -Farthest, Farthest));
            return positions;
        }

        static JsonValue Array(JsonValue value, string at) =>
            value.IsArray ? value : throw new ProtocolException($"{at}: expected a list, got {value}");

        static double Number(JsonValue value, string at, double least, double most) =>
            value.IsNumber && value.AsDouble() >= least && value.AsDouble() <= most
                ? value.AsDouble()
                : throw new ProtocolException($"{at}: expected a number, got {value}");

        static int Id(JsonValue value, string at) =>
            value.IsInteger && value.AsDouble() >= int.MinValue && value.AsDouble() <= int.MaxValue
                ? (int)value.AsDouble()
                : throw new ProtocolException($"{at}: expected a whole number, got {value}");
    }
}
