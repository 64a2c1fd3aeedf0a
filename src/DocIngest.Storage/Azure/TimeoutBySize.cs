using Azure.Core;
using Azure.Core.Pipeline;

namespace DocIngest.Storage;

/// <summary>Gives a request that carries much as long as a slow line needs; the client library's fixed 100 seconds would never let it end.</summary>
internal sealed class TimeoutBySize : HttpPipelineSynchronousPolicy
{
    private const long SlowestBytesPerSecond = 32 * 1024;   // a quarter of a 1 Mbit/s uplink: four uploads at once still end

    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(100);   // Azure's own longest operation takes 90

    public override void OnSendingRequest(HttpMessage message)
    {
        long size = 0;
        _ = message.Request.Content?.TryComputeLength(out size);
        message.NetworkTimeout = Answer + TimeSpan.FromSeconds(size / SlowestBytesPerSecond);
    }
}
