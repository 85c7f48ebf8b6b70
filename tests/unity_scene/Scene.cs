using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;
using UnityEngine;
using Random = System.Random;

namespace MocapBridge.Tests
{
    /// <summary>
    /// A scene that plays, for the tests in Python: a receiver and characters with random axes.
    /// Prints one line of JSON: of each character, whom it follows and how its bones are turned
    /// from their T-pose, in Unity's axes.
    /// </summary>
    static class Scene
    {
        static int Main(string[] arguments)
        {
            var vmc = arguments[0] == "vmc";
            var characters = int.Parse(arguments[2], CultureInfo.InvariantCulture);
            Stage.Play();
            var owner = new GameObject("Receiver");
            owner.SetActive(false);
            var receiver = owner.AddComponent<MocapReceiver>();
            receiver.Protocol = vmc ? MocapProtocol.Vmc : MocapProtocol.WebSocket;
            receiver.Encoding = arguments[0] == "json" ? FrameEncoding.Json : FrameEncoding.Binary;
            receiver.Address = arguments[1];
            receiver.VmcPort = vmc ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 0;
            owner.SetActive(true); // it connects
            var random = new Random(1);
            var bodies = new List<Body>();
            var avatars = new List<MocapAvatar>();
            for (var i = 0; i < characters; i++)
            {
                bodies.Add(new Body(random, 1f, true));
                bodies[i].MakeHumanoid(random);
                bodies[i].Displace(random);
                avatars.Add(bodies[i].Root.AddComponent<MocapAvatar>());
            }
            var until = Clock.Now + 15.0;
            var full = 0;
            while (full < 60 && Clock.Now < until)
            {
                Stage.Step(1.0 / 60.0);
                full = avatars.TrueForAll(avatar => avatar.Followed >= 0) ? full + 1 : 0;
                Thread.Sleep(10);
            }
            Console.WriteLine(Told(receiver, bodies, avatars));
            UnityEngine.Object.DestroyImmediate(owner);
            foreach (var trouble in Stage.Trouble)
                Console.Error.WriteLine(trouble);
            return Stage.Trouble.Count == 0 && full > 0 ? 0 : 1;
        }

        static string Told(MocapReceiver receiver, List<Body> bodies, List<MocapAvatar> avatars)
        {
            var text = new StringBuilder("{\"state\":\"" + receiver.State + "\",\"problem\":\"" + receiver.Problem.Replace('"', '\'') + "\",\"characters\":[");
            for (var i = 0; i < bodies.Count; i++)
            {
                var root = bodies[i].Root.transform;
                var hips = Quaternion.Inverse(root.rotation) * (bodies[i].Bones[0].position - root.position);
                text.Append(i > 0 ? "," : "").Append("{\"person\":" + avatars[i].Followed + ",\"hips\":");
                Append(text, hips.x, hips.y, hips.z).Append(",\"bones\":{");
                var first = true;
                for (var bone = 0; bone < HumanBones.Count; bone++)
                {
                    if (bodies[i].Bones[bone] == null)
                        continue;
                    var q = Quaternion.Inverse(root.rotation) * bodies[i].Bones[bone].rotation * Quaternion.Inverse(bodies[i].Rest[bone]);
                    text.Append(first ? "" : ",").Append("\"" + HumanBones.ProtocolName(bone) + "\":");
                    Append(text, q.x, q.y, q.z, q.w);
                    first = false;
                }
                text.Append("}}");
            }
            return text.Append("]}").ToString();
        }

        static StringBuilder Append(StringBuilder text, params float[] numbers)
        {
            text.Append('[');
            for (var i = 0; i < numbers.Length; i++)
                text.Append(i > 0 ? "," : "").Append(numbers[i].ToString("R", CultureInfo.InvariantCulture));
            return text.Append(']');
        }
    }
}
