using System.IO;

namespace MocapBridge.Client
{
    /// <summary>
    /// Retargets what standard input says, a JSON object a line: a "hello" of the protocol, the "root"
    /// and "rotations" of its first person, "avatar" with the position and rotation of each bone at
    /// rest by its name in Unity; but for the hello all in Unity's axes. Answers with "hips", "scale"
    /// and "rotations" by name.
    /// </summary>
    static class Retargeting
    {
        public static void Answer(TextReader input)
        {
            for (var said = input.ReadLine(); said != null; said = input.ReadLine())
            {
                var given = JsonValue.Parse(said);
                var cast = HelloDecoder.Decode(given["hello"]);
                var rest = new AvatarRest();
                foreach (var name in given["avatar"].Keys)
                {
                    var bone = given["avatar"][name];
                    rest.Set(HumanBones.FromUnityName(name), Vector(bone[0]), Quaternion(bone[1]));
                }
                var retarget = new Retarget(cast, 0, rest);
                var pose = new PersonPose { Root = Vector(given["root"]) };
                pose.SetBoneCount(cast.Skeleton.Count);
                for (var index = 0; index < pose.BoneCount; index++)
                    pose.Rotations[index] = Quaternion(given["rotations"][index]);
                var avatar = new AvatarPose();
                retarget.Solve(pose, avatar);
                var line = new Line().Begin('{').Key("hips").Value(avatar.Hips)
                    .Key("scale").Value(retarget.Scale).Key("rotations").Begin('{');
                for (var i = 0; i < retarget.DrivenCount; i++)
                    line.Key(HumanBones.UnityName(retarget.Driven(i))).Value(avatar.Rotations[retarget.Driven(i)]);
                line.End('}').End('}').Write();
            }
        }

        static Vec3 Vector(JsonValue v) =>
            new Vec3((float)v[0].AsDouble(), (float)v[1].AsDouble(), (float)v[2].AsDouble());

        static Quat Quaternion(JsonValue v) =>
            new Quat(
                (float)v[0].AsDouble(), (float)v[1].AsDouble(),
                (float)v[2].AsDouble(), (float)v[3].AsDouble());
    }
}
