using Azure.Core;
using Azure.Core.Pipeline;

namespace DocIngest.Storage.Tests;

public sealed class TimeoutBySizeTests
{
    [Theory]
    [InlineData(0, 100)]
    [InlineData(32 * 1024, 101)]
    [InlineData(16 * 1024 * 1024, 612)]
    public void What_is_large_has_longer_to_be_sent(int sizeBytes, int seconds)
    {
        using var message = new HttpPipeline(new HttpClientTransport()).CreateMessage();
        message.Request.Content = sizeBytes == 0 ? null : RequestContent.Create(new byte[sizeBytes]);
        new TimeoutBySize().OnSendingRequest(message);
        Assert.Equal(TimeSpan.FromSeconds(seconds), message.NetworkTimeout);
    }
}
