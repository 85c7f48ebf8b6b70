using System;
using System.Collections.Generic;
using System.Globalization;
using UnityEngine;

namespace MocapBridge.Editor
{
    /// <summary>
    /// BVH, as any animation program writes it. Right-handed with +Y up; position channels take the
    /// place of OFFSET; rotation channels multiply in the order of the file.
    /// </summary>
    public static class BvhFile
    {
        const double Largest = 1e9;

        /// <summary>The people of a file, one for each ROOT, by their order from 0.</summary>
        /// <param name="perMetre">How many of the file's lengths make a metre: 100 for centimetres.</param>
        /// <exception cref="FormatException">Names the line.</exception>
        public static List<RecordedMotion> Read(string text, double perMetre) => new Reader(text, perMetre).People();

        sealed class Joint
        {
            public string Name;
            public int Parent;
            public bool HasOffset;
            public Vector3 Offset; // in the file's axes and units
            public readonly List<string> Channels = new List<string>(); // "Xposition" as "px", "Xrotation" as "rx"
        }

        sealed class Reader
        {
            const int Nothing = -1, EndSite = -2; // in place of the number of a joint

            readonly Stack<int> _open = new Stack<int>(); // joints whose braces are open
            readonly string[] _lines;
            readonly double _perMetre;
            readonly List<Joint> _joints = new List<Joint>();
            int _line;
            int _next = Nothing; // what the next brace opens

            public Reader(string text, double perMetre)
            {
                _lines = text.TrimStart('\ufeff').Split(text.IndexOf('\n') >= 0 ? '\n' : '\r');
                _perMetre = perMetre;
            }

            public List<RecordedMotion> People()
            {
                Hierarchy();
                var said = Header("Frames:");
                var step = Number(Header("FrameTime:"));
                if (!(step >= 1e-5 && step <= 60.0))
                    throw Wrong("expected a frame time from 1e-5 to 60 seconds, got " + step);
                var rows = Rows();
                var people = new List<RecordedMotion>();
                for (int first = 0, column = 0, after; first < _joints.Count; first = after)
                {
                    for (after = first + 1; after < _joints.Count && _joints[after].Parent >= 0; after++)
                    {
                    }
                    people.Add(Person(first, after, ref column, rows, step));
                    people[people.Count - 1].Id = people.Count - 1;
                }
                if (Number(said) < 0)
                    throw Wrong("expected a number of frames, got " + said);
                return people;
            }

            void Hierarchy()
            {
                for (; _line < _lines.Length; _line++)
                {
                    foreach (var piece in _lines[_line].Replace("{", "\n{\n").Replace("}", "\n}\n").Split('\n'))
                    {
                        var words = Words(piece);
                        if (words.Length == 0)
                            continue;
                        if (words[0].ToUpperInvariant() == "MOTION" && _joints.Count > 0 && _open.Count == 0)
                        {
                            _line++;
                            return;
                        }
                        if (!Understood(words))
                            throw Wrong("unexpected " + words[0]);
                    }
                }
                throw Wrong(_joints.Count == 0 ? "this is no BVH file: it has no ROOT" : "the file ends before MOTION");
            }

            /// <summary>Takes one statement of the hierarchy; false if it does not belong where it is.</summary>
            bool Understood(string[] words)
            {
                var inside = _open.Count > 0 ? _open.Peek() : Nothing;
                switch (words[0].ToUpperInvariant())
                {
                    case "HIERARCHY":
                        return _joints.Count == 0;
                    case "ROOT":
                    case "JOINT":
                        if (words[0].ToUpperInvariant() == "ROOT" ? _open.Count > 0 : inside < 0)
                            return false;
                        _next = _joints.Count;
                        _joints.Add(new Joint { Name = Free(string.Join("_", words, 1, words.Length - 1)), Parent = inside });
                        return true;
                    case "END":
                        _next = EndSite;
                        return inside >= 0;
                    case "{":
                        if (_next == Nothing)
                            return false;
                        _open.Push(_next);
                        _next = Nothing;
                        return true;
                    case "}":
                        if (inside >= 0 && !_joints[inside].HasOffset)
                            throw Wrong("joint " + _joints[inside].Name + " has no OFFSET");
                        return _open.Count > 0 && _open.Pop() != Nothing;
                    case "OFFSET":
                        if (_open.Count == 0 || words.Length != 4)
                            return false;
                        var offset = new Vector3((float)Number(words[1]), (float)Number(words[2]), (float)Number(words[3]));
                        if (inside >= 0)
                        {
                            _joints[inside].Offset = offset;
                            _joints[inside].HasOffset = true;
                        }
                        return true;
                    case "CHANNELS":
                        if (inside >= 0)
                            Channels(_joints[inside], words);
                        return inside >= 0;
                    default:
                        return false;
                }
            }

            void Channels(Joint joint, string[] words)
            {
                if (words.Length < 2 || Number(words[1]) != words.Length - 2)
                    throw Wrong("expected CHANNELS, their number and their names");
                for (var i = 2; i < words.Length; i++)
                {
                    var word = words[i].ToLowerInvariant();
                    var kind = word.Length > 1 ? word.Substring(1) : "";
                    if ("xyz".IndexOf(word[0]) < 0 || kind != "position" && kind != "rotation")
                        throw Wrong("unknown channel " + words[i]);
                    joint.Channels.Add(kind.Substring(0, 1) + word[0]);
                }
            }

            string Header(string key)
            {
                for (; _line < _lines.Length; _line++)
                {
                    var line = string.Join("", Words(_lines[_line]));
                    if (line.Length == 0)
                        continue;
                    if (!line.StartsWith(key, StringComparison.OrdinalIgnoreCase) || line.Length == key.Length)
                        throw Wrong("expected " + key + " and a number");
                    _line++;
                    return line.Substring(key.Length);
                }
                throw Wrong("the file ends before " + key);
            }

            /// <summary>The frames; a last row that was cut off is left out.</summary>
            List<double[]> Rows()
            {
                var count = 0;
                foreach (var joint in _joints)
                    count += joint.Channels.Count;
                var rows = new List<double[]>();
                for (; _line < _lines.Length; _line++)
                {
                    var words = Words(_lines[_line]);
                    if (words.Length == 0)
                        continue;
                    if (words.Length < count && IsLast(_line))
                        break;
                    if (words.Length != count)
                        throw Wrong("expected " + count + " numbers, got " + words.Length);
                    var row = new double[count];
                    for (var i = 0; i < count; i++)
                        row[i] = Number(words[i]);
                    rows.Add(row);
                }
                return rows;
            }

            bool IsLast(int line)
            {
                for (var i = line + 1; i < _lines.Length; i++)
                    if (_lines[i].Trim().Length > 0)
                        return false;
                return true;
            }

            RecordedMotion Person(int first, int after, ref int column, List<double[]> rows, double step)
            {
                int bones = after - first, frames = Math.Max(rows.Count, 1);
                var motion = new RecordedMotion
                {
                    Names = new string[bones],
                    Parents = new int[bones],
                    Offsets = new Vector3[bones],
                    Times = new double[frames],
                    Roots = new Vector3[frames],
                    Rotations = new Quaternion[frames * bones],
                };
                var begin = column;
                for (var bone = 0; bone < bones; bone++)
                {
                    var joint = _joints[first + bone];
                    motion.Names[bone] = joint.Name;
                    motion.Parents[bone] = bone == 0 ? -1 : joint.Parent - first;
                    motion.Offsets[bone] = Place(joint.Offset);
                    if (bone > 0 && joint.Channels.Exists(channel => channel[0] == 'p') && motion.Positions == null)
                        motion.Positions = new Vector3[frames * bones];
                }
                for (var t = 0; t < frames; t++)
                {
                    motion.Times[t] = t * step;
                    column = begin;
                    for (var bone = 0; bone < bones; bone++)
                    {
                        var joint = _joints[first + bone];
                        var place = joint.Offset;
                        var turn = Quaternion.identity;
                        foreach (var channel in joint.Channels)
                        {
                            var value = rows.Count == 0 ? 0f : (float)rows[t][column++];
                            var axis = channel[1] - 'x';
                            if (channel[0] == 'p' && rows.Count > 0)
                                place[axis] = value;
                            else if (channel[0] == 'r')
                                turn = turn * Turn(axis, value);
                        }
                        motion.Rotations[t * bones + bone] = turn.normalized;
                        if (bone == 0)
                            motion.Roots[t] = Place(place);
                        if (motion.Positions != null)
                            motion.Positions[t * bones + bone] = Place(place);
                    }
                }
                return motion;
            }

            /// <summary>About an axis of the file; in the mirrored world about -y, -z, but about x as it was.</summary>
            static Quaternion Turn(int axis, float degrees)
            {
                var along = Vector3.zero;
                along[axis] = 1f;
                return Quaternion.AngleAxis(axis == 0 ? degrees : -degrees, along);
            }

            Vector3 Place(Vector3 v) => new Vector3((float)(-v.x / _perMetre), (float)(v.y / _perMetre), (float)(v.z / _perMetre));

            /// <summary>A name that no joint has, and that may be part of a path.</summary>
            string Free(string name)
            {
                name = name.Length == 0 ? "joint" : name.Replace('/', '_');
                var free = name;
                for (var i = 1; _joints.Exists(joint => joint.Name == free); i++)
                    free = name + "_" + i;
                return free;
            }

            double Number(string word)
            {
                double value;
                var plain = word.TrimEnd(',').Replace(',', '.');
                if (!double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out value) || !(Math.Abs(value) <= Largest))
                    throw Wrong("expected a number, got " + word);
                return value;
            }

            static string[] Words(string line) => line.Split(new[] { ' ', '\t', '\r' }, StringSplitOptions.RemoveEmptyEntries);

            FormatException Wrong(string what) => new FormatException("line " + Math.Min(_line + 1, _lines.Length) + ": " + what);
        }
    }
}
