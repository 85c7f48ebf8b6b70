namespace MocapBridge
{
    /// <summary>How a session is doing, as it says once a second. Immutable.</summary>
    public sealed class ServerStatus
    {
        internal ServerStatus(JsonValue content)
        {
            Content = content;
            State = Plain.Line(content["state"].AsText(), 40);
            Source = Plain.Line(content["source"].AsText(), 120);
            Estimator = Plain.Line(content["estimator"].AsText(), 120);
            Device = Plain.Line(content["device"].AsText(), 120);
            Fps = content["fps"].AsDouble(double.NaN);
            TotalLatency = content["latency"]["total"].AsDouble(double.NaN) / 1000;
            Clients = (int)System.Math.Min(content["clients"].AsDouble(), 1e6);
            var recording = content["recording"];
            RecordingName = recording.IsObject ? Plain.Line(recording["name"].AsText()) : null;
            RecordingSeconds = recording["seconds"].AsDouble();
        }

        /// <summary>starting, running, waiting (for a camera that is gone) or ended.</summary>
        public string State { get; }

        /// <summary>As "camera 0".</summary>
        public string Source { get; }

        public string Estimator { get; }

        public string Device { get; }

        /// <summary>[1/s] of frames that are sent; NaN if it is not known.</summary>
        public double Fps { get; }

        /// <summary>[s] from the picture to the frame, on the server; NaN if it is not known.</summary>
        public double TotalLatency { get; }

        /// <summary>How many programs watch.</summary>
        public int Clients { get; }

        /// <summary>Name of the recording that is being made, null if there is none.</summary>
        public string RecordingName { get; }

        /// <summary>[s] Its length.</summary>
        public double RecordingSeconds { get; }

        /// <summary>All that was said, as docs/protocol.md has it.</summary>
        public JsonValue Content { get; }
    }
}
