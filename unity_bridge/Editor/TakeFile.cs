using System;
using System.Collections.Generic;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>
    /// Takes as `mocap` writes them: JSON with "format": "mocap-take", version 1. Read in one pass,
    /// without a tree of values in between; what a take holds besides motion is passed over.
    /// </summary>
    public static class TakeFile
    {
        const double Norm = 1e-3; // quaternions of norm further from 1 were not meant as rotations
        const double Largest = 1e6; // [m, s]

        /// <summary>Everyone in the take who has a motion.</summary>
        /// <exception cref="FormatException">It is no take; says what is wrong.</exception>
        public static List<RecordedMotion> Read(byte[] utf8)
        {
            var start = utf8.Length >= 3 && utf8[0] == 0xef && utf8[1] == 0xbb && utf8[2] == 0xbf ? 3 : 0;
            var reader = new JsonReader(utf8, start, utf8.Length - start);
            var take = new Document();
            var people = new List<Person>();
            reader.BeginObject();
            while (reader.NextMember())
                take.Member(ref reader, people);
            reader.End();
            take.Check();
            var motions = new List<RecordedMotion>();
            for (var i = 0; i < people.Count; i++)
                if (people[i].Bones != null)
                    motions.Add(people[i].Motion(take.Times, "people[" + i + "]"));
            if (motions.Count == 0)
                throw new FormatException("Nobody in this take has a motion; mocap solve makes one of landmarks.");
            return motions;
        }

        sealed class Document
        {
            public List<double> Times = new List<double>();
            string _format = "", _unit = "";
            double _version;
            bool _axes;

            public void Member(ref JsonReader reader, List<Person> people)
            {
                switch (reader.Key())
                {
                    case "format": _format = Text(ref reader); break;
                    case "version": _version = reader.Number(); break;
                    case "unit": _unit = Text(ref reader); break;
                    case "axes": _axes = Axes(ref reader); break;
                    case "times": Times = Numbers(ref reader, "times"); break;
                    case "people":
                        reader.BeginArray();
                        while (reader.NextElement())
                            people.Add(new Person(ref reader, "people[" + people.Count + "]"));
                        break;
                    default: reader.Skip(); break;
                }
            }

            public void Check()
            {
                if (_format != "mocap-take")
                    throw new FormatException("This is no take: expected \"format\": \"mocap-take\".");
                if (_version != 1)
                    throw new FormatException("version: expected 1, got " + _version + ". A newer version of this package may read it.");
                if (_unit != "m" || !_axes)
                    throw new FormatException("unit, axes: expected metres, +Y up, +Z forward and right-handed axes.");
            }

            static bool Axes(ref JsonReader reader)
            {
                var right = 0;
                reader.BeginObject();
                while (reader.NextMember())
                {
                    var key = reader.Key();
                    var value = Text(ref reader);
                    if (key + value == "up+Y" || key + value == "forward+Z" || key + value == "handednessright" || key + value == "quaternionxyzw")
                        right++;
                }
                return right == 4;
            }
        }

        sealed class Person
        {
            readonly int _id;
            readonly List<double> _times; // null: those of the document
            readonly List<double[]> _root, _rotations, _translations;

            /// <summary>Null if the person has no motion.</summary>
            public readonly List<Bone> Bones;

            public Person(ref JsonReader reader, string at)
            {
                reader.BeginObject();
                while (reader.NextMember())
                {
                    switch (reader.Key())
                    {
                        case "id": _id = (int)reader.Integer(); break;
                        case "times": _times = Numbers(ref reader, at + ".times"); break;
                        case "skeleton": Bones = ReadBones(ref reader, at + ".skeleton"); break;
                        case "root": _root = Rows(ref reader, at + ".root"); break;
                        case "rotations": _rotations = Rows(ref reader, at + ".rotations"); break;
                        case "translations": _translations = Rows(ref reader, at + ".translations"); break;
                        default: reader.Skip(); break;
                    }
                }
            }

            public RecordedMotion Motion(List<double> times, string at)
            {
                var motion = new RecordedMotion { Id = _id, Times = (_times ?? times).ToArray() };
                for (var i = 1; i < motion.Frames; i++)
                    if (!(motion.Times[i] > motion.Times[i - 1]))
                        throw new FormatException(at + ".times[" + i + "]: expected growing times.");
                Skeleton(motion, at + ".skeleton");
                int frames = motion.Frames, bones = motion.Bones;
                Expect(_root, frames, 3, at + ".root");
                Expect(_rotations, frames, 4 * bones, at + ".rotations");
                motion.Roots = new Vector3[frames];
                motion.Rotations = new Quaternion[frames * bones];
                for (var t = 0; t < frames; t++)
                {
                    motion.Roots[t] = Place(_root[t], 0);
                    for (var bone = 0; bone < bones; bone++)
                        motion.Rotations[t * bones + bone] = Turn(_rotations[t], 4 * bone, at + ".rotations[" + t + "]");
                }
                if (_translations == null)
                    return motion;
                Expect(_translations, frames, 3 * bones, at + ".translations");
                motion.Positions = new Vector3[frames * bones];
                for (var i = 0; i < motion.Positions.Length; i++)
                    motion.Positions[i] = Place(_translations[i / bones], 3 * (i % bones));
                return motion;
            }

            void Skeleton(RecordedMotion motion, string at)
            {
                motion.Names = new string[Bones.Count];
                motion.Parents = new int[Bones.Count];
                motion.Offsets = new Vector3[Bones.Count];
                for (var i = 0; i < Bones.Count; i++)
                {
                    var bone = Bones[i];
                    var parent = bone.Parent == null ? -1 : Array.IndexOf(motion.Names, bone.Parent, 0, i);
                    if (string.IsNullOrEmpty(bone.Name) || Array.IndexOf(motion.Names, bone.Name, 0, i) >= 0 || parent < 0 != (i == 0) || bone.Offset == null || bone.Offset.Length != 3)
                        throw new FormatException(at + ".bones[" + i + "]: expected a name of its own, a parent among the bones before, and an offset of 3 numbers.");
                    motion.Names[i] = bone.Name;
                    motion.Parents[i] = parent;
                    motion.Offsets[i] = Place(bone.Offset, 0);
                }
            }
        }

        sealed class Bone
        {
            public string Name, Parent;
            public double[] Offset;
        }

        static List<Bone> ReadBones(ref JsonReader reader, string at)
        {
            var bones = new List<Bone>();
            reader.BeginObject();
            while (reader.NextMember())
            {
                if (reader.Key() != "bones")
                {
                    reader.Skip();
                    continue;
                }
                reader.BeginArray();
                while (reader.NextElement())
                {
                    var bone = new Bone();
                    reader.BeginObject();
                    while (reader.NextMember())
                    {
                        switch (reader.Key())
                        {
                            case "name": bone.Name = Text(ref reader); break;
                            case "parent": bone.Parent = Text(ref reader); break;
                            case "offset": bone.Offset = Numbers(ref reader, at + ".offset").ToArray(); break;
                            default: reader.Skip(); break;
                        }
                    }
                    bones.Add(bone);
                }
            }
            if (bones.Count == 0)
                throw new FormatException(at + ": expected bones.");
            return bones;
        }

        /// <summary>A text, null for null.</summary>
        static string Text(ref JsonReader reader)
        {
            if (reader.Peek() != JsonKind.Null)
                return reader.Text();
            reader.Null();
            return null;
        }

        static List<double[]> Rows(ref JsonReader reader, string at)
        {
            var rows = new List<double[]>();
            reader.BeginArray();
            while (reader.NextElement())
                rows.Add(Numbers(ref reader, at + "[" + rows.Count + "]").ToArray());
            return rows;
        }

        static List<double> Numbers(ref JsonReader reader, string at)
        {
            var numbers = new List<double>();
            reader.BeginArray();
            while (reader.NextElement())
            {
                if (reader.Peek() != JsonKind.Number)
                    throw new FormatException(at + "[" + numbers.Count + "]: expected a number.");
                numbers.Add(reader.Number());
                if (!(Math.Abs(numbers[numbers.Count - 1]) <= Largest))
                    throw new FormatException(at + "[" + (numbers.Count - 1) + "]: expected a number up to 1e6.");
            }
            return numbers;
        }

        static void Expect(List<double[]> rows, int count, int width, string at)
        {
            if (rows == null || rows.Count != count)
                throw new FormatException(at + ": expected a list of " + count + ", got " + (rows == null ? "nothing" : rows.Count.ToString()));
            for (var t = 0; t < count; t++)
                if (rows[t].Length != width)
                    throw new FormatException(at + "[" + t + "]: expected " + width + " numbers, got " + rows[t].Length);
        }

        static Vector3 Place(double[] n, int i) => new Vector3((float)-n[i], (float)n[i + 1], (float)n[i + 2]);

        static Quaternion Turn(double[] n, int i, string at)
        {
            var norm = Math.Sqrt(n[i] * n[i] + n[i + 1] * n[i + 1] + n[i + 2] * n[i + 2] + n[i + 3] * n[i + 3]);
            if (!(Math.Abs(norm - 1.0) <= Norm))
                throw new FormatException(at + "[" + i + "]: expected a unit quaternion, its norm is " + norm);
            return new Quaternion((float)(n[i] / norm), (float)(-n[i + 1] / norm), (float)(-n[i + 2] / norm), (float)(n[i + 3] / norm));
        }
    }
}
