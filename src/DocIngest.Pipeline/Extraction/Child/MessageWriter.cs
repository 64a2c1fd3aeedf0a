using System.Buffers;
using System.Text.Json;

namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>Writes a worker's lines. Each is flushed: what is in the pipe survives the worker's death.</summary>
internal sealed class MessageWriter(Stream output)
{
    // A page of a million characters must not keep its buffer for the life of the process.
    private const int KeepBytes = 1 << 20;

    private ArrayBufferWriter<byte> _line = new(16 * 1024);

    /// <summary>Writes one line.</summary>
    public void Write(WorkerMessage message)
    {
        using (var json = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = WorkerProtocol.Instance.Options.Encoder, SkipValidation = true }))
        {
            JsonSerializer.Serialize(json, message, WorkerProtocol.Instance.WorkerMessage);
        }

        _line.Write("\n"u8);
        output.Write(_line.WrittenSpan);
        output.Flush();
        if (_line.Capacity > KeepBytes)
        {
            _line = new ArrayBufferWriter<byte>(16 * 1024);
        }

        _line.ResetWrittenCount();
    }
}
