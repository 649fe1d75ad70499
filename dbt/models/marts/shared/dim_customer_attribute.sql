{{ golden_attribute_winner('customer') }}
